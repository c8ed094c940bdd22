"""A whole detector in PyTorch and ONNX Runtime, from the same weights: prints JSON.

`python run_whole.py YAML MODULES WEIGHTS ONNX INPUT SIDE`; YAML: Ultralytics' description, MODULES: folder of the backbone's
module ("-" for none), WEIGHTS: safetensors by Ultralytics' names, INPUT: float32, RGB from 0 to 1, 3 x SIDE x SIDE.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from safetensors.torch import load_file

yaml, modules, weights, onnx, picture, side = sys.argv[1:]
if modules != "-":
    sys.path.insert(0, modules)
    __import__(next(path.stem for path in Path(modules).glob("nas_backbone_*.py")))

from ultralytics.nn.tasks import RTDETRDetectionModel  # noqa: E402

model = RTDETRDetectionModel(yaml, verbose=False)
given = load_file(weights)
own = model.state_dict()
# Backbones of ours bring their weights with them; the other numbers count batches or serve training alone.
missing = [
    name
    for name in own
    if name not in given and "num_batches" not in name and (modules == "-" or not name.startswith("model.0."))
]
model.load_state_dict(given, strict=False)
model.eval()
images = torch.from_numpy(np.fromfile(picture, np.float32)).view(1, 3, int(side), int(side))
with torch.no_grad():
    _, (boxes, scores, *_) = model(images)
session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
found = session.run(["boxes", "scores"], {"images": images.numpy()})
expected = [boxes[0].numpy(), scores[0].sigmoid().numpy()]
result = {
    "missing": missing,
    "unknown": [name for name in given if name not in own],
    "shapes": [list(each.shape) for each in found],
    "errors": [float(np.abs(a - b).max()) for a, b in zip(found, expected)],
    "spread": [float(each.std(1).mean()) for each in expected],
    "operators": sorted({node.op_type for node in __import__("onnx").load(onnx).graph.node}),
}
print("RESULT", json.dumps(result))
