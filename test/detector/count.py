"""Counts RT-DETR by Ultralytics itself: `python count.py > fixtures/rtdetr-l-thop-2.2.json`. Needs ultralytics."""

import copy
import json
from pathlib import Path

import thop
import torch
import ultralytics
import yaml
from ultralytics.nn.tasks import RTDETRDetectionModel

PUBLISHED = Path(ultralytics.__file__).parent / "cfg/models/rt-detr/rtdetr-l.yaml"

# classes, hidden size, decoder layers, height, width
CASES = [
    (80, 256, 6, 640, 640),
    (1, 256, 6, 640, 640),
    (80, 128, 3, 320, 480),
    (7, 192, 1, 64, 96),
]


def configuration(classes, hidden, decoder_layers):
    model = copy.deepcopy(yaml.safe_load(PUBLISHED.read_text()))
    model["nc"] = classes
    for row in model["head"]:
        if row[2] in ("Conv", "RepC3"):
            row[3][0] = hidden
        if row[2] == "RTDETRDecoder":
            row[3] = ["nc", hidden, 300, 4, 8, decoder_layers]
    del model["scales"]
    return model


def count(classes, hidden, decoder_layers, height, width):
    model = RTDETRDetectionModel(configuration(classes, hidden, decoder_layers), nc=classes, verbose=False).eval()
    operations, _ = thop.profile(model, inputs=[torch.empty(1, 3, height, width)], verbose=False)
    return {
        "classes": classes,
        "hidden": hidden,
        "decoderLayers": decoder_layers,
        "input": [height, width],
        "params": sum(parameter.numel() for parameter in model.parameters()),
        "gflops": operations / 1e9 * 2,
    }


if __name__ == "__main__":
    versions = {"ultralytics": ultralytics.__version__, "thop": thop.__version__, "torch": torch.__version__}
    print(json.dumps({"versions": versions, "cases": [count(*case) for case in CASES]}, indent=2))
