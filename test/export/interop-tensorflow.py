"""Runs SavedModels in TensorFlow: interop-tensorflow.py FILES.json.

FILES.json: a list of {folder, input, shape}; each input is raw float32, NHWC. Writes {version, outputs} to standard output,
the logits of each.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np
import tensorflow as tf

with open(sys.argv[1]) as file:
    jobs = json.load(file)
outputs = []
for job in jobs:
    images = np.fromfile(job["input"], np.float32).reshape(job["shape"])
    served = tf.saved_model.load(job["folder"]).signatures["serving_default"]
    found = served(input=tf.constant(images))
    assert np.allclose(tf.nn.softmax(found["logits"]), found["probabilities"], atol=1e-6)
    outputs.append([float(value) for value in found["logits"].numpy().reshape(-1)])
print(json.dumps({"version": tf.__version__, "outputs": outputs}))
