"""Writes networks of torchvision, timm and d-li14 with random weights, a picture and what they compute.

foreign.py JOBS.json: a list of {library, model, classes, size, file}; writes file (safetensors), file.json with the
picture [channels, height, width] and the logits, and prints the versions.
"""

import copy
import json
import sys

import torch
from safetensors.torch import save_file


class Block(torch.nn.Module):
    """d-li14's inverted residual of MobileNetV2: convolutions and normalisations in one sequence."""

    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = round(inputs * expansion)
        self.identity = stride == 1 and inputs == outputs
        layers = []
        if expansion != 1:
            layers += [torch.nn.Conv2d(inputs, hidden, 1, bias=False), torch.nn.BatchNorm2d(hidden), torch.nn.ReLU6()]
        layers += [
            torch.nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            torch.nn.BatchNorm2d(hidden),
            torch.nn.ReLU6(),
            torch.nn.Conv2d(hidden, outputs, 1, bias=False),
            torch.nn.BatchNorm2d(outputs),
        ]
        self.conv = torch.nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv(x) if self.identity else self.conv(x)


class DLi14MobileNetV2(torch.nn.Module):
    """The layers and names of https://github.com/d-li14/mobilenetv2.pytorch."""

    SETTING = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]

    def __init__(self, classes):
        super().__init__()

        def plain(inputs, outputs, kernel, stride):
            return torch.nn.Sequential(
                torch.nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
                torch.nn.BatchNorm2d(outputs),
                torch.nn.ReLU6(),
            )

        features, width = [plain(3, 32, 3, 2)], 32
        for expansion, channels, count, stride in self.SETTING:
            for i in range(count):
                features.append(Block(width, channels, stride if i == 0 else 1, expansion))
                width = channels
        self.features = torch.nn.Sequential(*features)
        self.conv = plain(width, 1280, 1, 1)
        self.classifier = torch.nn.Linear(1280, classes)

    def forward(self, x):
        return self.classifier(self.conv(self.features(x)).mean((2, 3)))


def tiny(classes):
    """torchvision's MobileNetV3 with few and narrow layers, for a file that can be kept with the tests."""
    from torchvision.models.mobilenetv3 import InvertedResidualConfig as Row
    from torchvision.models.mobilenetv3 import MobileNetV3

    rows = [Row(8, 3, 8, 8, True, "RE", 2, 1, 1), Row(8, 5, 24, 12, True, "HS", 2, 1, 1), Row(12, 3, 32, 12, False, "HS", 1, 1, 1)]
    return MobileNetV3(rows, 40, num_classes=classes)


def network(library, model, classes):
    if model == "tiny":
        return tiny(classes)
    if library == "torchvision":
        import torchvision

        return getattr(torchvision.models, model)(weights=None, num_classes=classes)
    if library == "d-li14":
        return DLi14MobileNetV2(classes)
    import timm

    return timm.create_model(model, num_classes=classes)


def stir(module):
    """Moves everything off its start, so that nothing is 0 or 1 by accident; keeps values of usual size."""
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1)
            # Small enough for another epsilon to show, large enough not to amplify rounding from layer to layer.
            part.running_var.uniform_(0.3, 1.5)
            part.weight.data.uniform_(0.5, 1.2)
            part.bias.data.normal_(0, 0.1)
        elif isinstance(part, (torch.nn.Conv2d, torch.nn.Linear)):
            fan = part.weight[0].numel()
            part.weight.data.normal_(0, (1.5 / fan) ** 0.5)
            if part.bias is not None:
                part.bias.data.normal_(0, 0.1)


def main():
    import timm
    import torchvision

    with open(sys.argv[1]) as file:
        jobs = json.load(file)
    for job in jobs:
        torch.manual_seed(17)
        module = network(job["library"], job["model"], job["classes"]).eval()
        with torch.no_grad():
            stir(module)
            picture = torch.randn(1, 3, *job["size"])
            logits = copy.deepcopy(module).double()(picture.double())[0]
        half = job.get("half", False)
        tensors = {name: tensor.half() if half and tensor.is_floating_point() else tensor for name, tensor in module.state_dict().items()}
        save_file(tensors, job["file"])
        with open(job["file"] + ".json", "w") as file:
            digits = (lambda values: [round(value, 6) for value in values])
            json.dump({"picture": digits(picture.flatten().tolist()), "logits": digits(logits.tolist())}, file)
    print(json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__}))


main()
