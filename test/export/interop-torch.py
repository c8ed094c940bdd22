"""Runs exported PyTorch modules: interop-torch.py FILES.json.

FILES.json: a list of {folder, input, shape}; each input is raw float32, NCHW. Writes {version, results} to standard
output; a result has the logits, the number of parameters, the maps' shapes and whether scripting, exporting and a step of
training worked.
"""

import importlib.util
import io
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_num_threads(1)


def load(folder):
    spec = importlib.util.spec_from_file_location("exported", f"{folder}/model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def difference(one, other):
    return float((one - other).abs().max())


def loss_after_steps(model, images, classes):
    """The loss on random labels before and after three steps; gradients must reach every parameter."""
    model.train()
    labels = torch.arange(len(images)) % classes
    optimiser = torch.optim.SGD(model.parameters(), 0.01)
    losses = []
    for _ in range(4):
        loss = F.cross_entropy(model(images), labels)
        optimiser.zero_grad()
        loss.backward()
        losses.append(float(loss.detach()))
        without = [name for name, value in model.named_parameters() if value.grad is None]
        optimiser.step()
    return {"losses": losses, "without": without}


def run(folder, images):
    module = load(folder)
    weights = f"{folder}/model.safetensors"
    model = module.create_model(weights=weights).eval()
    backbone = module.create_model(features_only=True, weights=weights).eval()
    with torch.no_grad():
        logits = model(images)
        maps = backbone(images)
        scripted = torch.jit.script(model)(images)
        scripted_maps = torch.jit.script(backbone)(images)
        exported = torch.export.export(model, (images,)).module()(images)
        larger = model(torch.cat([images, images], 3))
    norms = [name for name, part in model.named_modules() if "BatchNorm" in type(part).__name__]
    batch = torch.cat([images, -images, images.flip(3), images.flip(2)])
    torch.manual_seed(0)
    fresh = module.create_model(num_classes=3)
    few = module.create_model(num_classes=3, weights=weights)
    return {
        "logits": logits.reshape(-1).tolist(),
        "params": sum(value.numel() for value in model.parameters()),
        "maps": [list(value.shape) for value in maps],
        "channels": backbone.channels,
        "strides": backbone.strides,
        "scripted": max([difference(scripted, logits)] + [difference(a, b) for a, b in zip(scripted_maps, maps)]),
        "exported": difference(exported, logits),
        "larger": list(larger.shape),
        "norms": norms,
        "classes": module.CLASSES,
        "metadata": module.METADATA,
        "trained": loss_after_steps(module.create_model(weights=weights), batch, logits.shape[1]),
        "fresh": float(fresh.eval()(images).std()),
        "few": list(few.eval()(images).shape),
    }


with open(sys.argv[1]) as file:
    jobs = json.load(file)
results = []
for job in jobs:
    images = torch.from_numpy(np.fromfile(job["input"], np.float32).reshape(job["shape"]))
    results.append(run(job["folder"], images))
print(json.dumps({"version": torch.__version__, "results": results}))
