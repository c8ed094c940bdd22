"""Runs ONNX files in ONNX Runtime or OpenCV's dnn module: interop.py ort|cv2 FILES.json writes outputs next to them.

FILES.json: a list of {model, input, shape}; each input is raw float32. Writes {version, outputs} to standard output.
"""

import json
import os
import sys

import numpy as np

os.environ['ORT_DISABLE_TELEMETRY'] = '1'  # read when ONNX Runtime is loaded

runtime, listing = sys.argv[1:]


def run_ort(model, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {"images": images})[0]


def run_cv2(model, images):
    import cv2

    net = cv2.dnn.readNetFromONNX(model)
    net.setInput(images, "images")
    return net.forward()


with open(listing) as file:
    jobs = json.load(file)
outputs = []
for job in jobs:
    images = np.fromfile(job["input"], np.float32).reshape(job["shape"])
    result = (run_ort if runtime == "ort" else run_cv2)(job["model"], images)
    outputs.append([float(value) for value in np.asarray(result).reshape(-1)])
if runtime == "ort":
    import onnxruntime as module
else:
    import cv2 as module
print(json.dumps({"version": module.__version__, "outputs": outputs}))
