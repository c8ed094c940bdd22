"""Runs an export for RT-DETR's repositories behind registries like theirs: `python run_registry.py FOLDER ROOT INPUT SIDE`.

ROOT: the package of the sources (src or engine). INPUT: float32, RGB from 0 to 1, 3 x SIDE x SIDE. Prints JSON. The registry
below keeps to what theirs promise: a name once, positional arguments with their defaults only, unknown keys refused.
"""

import inspect
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

folder, root, side = Path(sys.argv[1]), sys.argv[2], int(sys.argv[4])
name = next(path.stem for path in folder.glob("nas_backbone_*.py"))
picture = torch.from_numpy(np.fromfile(sys.argv[3], np.float32)).view(1, 3, side, side)


def schema(cls):
    spec = inspect.getfullargspec(cls.__init__)
    names = spec.args[1:]
    assert len(spec.defaults) == len(names), "an argument without a default"
    return {"class": cls, "arguments": dict(zip(names, spec.defaults))}


def registry(called):
    """`@register()` of v2, D-FINE and DEIM, or `@register` of v1."""
    known = {}

    def add(cls):
        assert cls.__name__ not in known, f"{cls.__name__} twice"
        known[cls.__name__] = schema(cls)
        return cls

    def register(dct=known, name=None, force=False):
        return add

    return known, register if called else add


def create(known, name, **given):
    return known[name]["class"](**{**known[name]["arguments"], **given})


def load(called):
    known, register = registry(called)
    for module in (root, f"{root}.core"):
        sys.modules[module] = types.ModuleType(module)
    sys.modules[f"{root}.core"].register = register
    sys.modules.pop(name, None)
    __import__(name)
    return known


sys.path.insert(0, str(folder))
result = {"registered": [sorted(load(called)) for called in (False, True)]}
known = load(True)
(class_name,) = known
result["arguments"] = known[class_name]["arguments"]
whole = create(known, class_name).eval()
with torch.no_grad():
    maps = whole(picture)
result["maps"] = [list(each.shape) for each in maps]
result["params"] = sum(each.numel() for each in whole.parameters())
np.concatenate([each.flatten().numpy() for each in maps]).tofile(folder / "maps.bin")
result["subsets"] = [
    [list(each.shape) for each in create(known, class_name, return_idx=chosen, pretrained=False)(picture)]
    for chosen in ([0], [1, 2], [0, 2])
]
frozen = create(known, class_name, freeze_norm=True, freeze_at=1).train()
result["trained"] = sorted({key.split(".")[1] for key, each in frozen.named_parameters() if each.requires_grad})
norms = [each for each in frozen.modules() if isinstance(each, torch.nn.BatchNorm2d)]
result["frozenNorms"] = all(not each.training and not each.weight.requires_grad for each in norms)
whole.train()
sum(each.square().mean() for each in whole(picture.repeat(2, 1, 1, 1))).backward()
result["gradients"] = all(each.grad is not None for each in whole.parameters())
try:
    create(known, class_name, depth=50)
    result["unknown"] = "accepted"
except TypeError:
    result["unknown"] = "refused"
print("RESULT", json.dumps(result))
