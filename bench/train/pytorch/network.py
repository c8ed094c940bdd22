"""Builds a network of PyTorch from the list of layers that the product itself executes (`buildNetwork(...).layers`),
so that both are the same network by construction."""

import copy
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

ACTIVATIONS = {
    "id": lambda: None,
    "re": lambda: nn.ReLU(inplace=True),
    "r6": lambda: nn.ReLU6(inplace=True),
    "hs": lambda: nn.Hardswish(inplace=True),
    "hsig": lambda: nn.Hardsigmoid(inplace=True),
    "sig": lambda: nn.Sigmoid(),
}


def same_padding(size, kernel, stride):
    """TensorFlow's SAME: zeros before and after one side of a picture; the odd one goes behind."""
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Unit(nn.Module):
    """Convolution or dense layer, then normalisation and activation where the layer has them."""

    def __init__(self, layer, norm, symmetric):
        super().__init__()
        inputs, outputs = layer["in"][2], layer["out"][2]
        self.pad = None
        if layer["op"] == "dense":
            self.linear = nn.Linear(inputs, outputs, bias=layer["bias"])
        else:
            kernel, stride = layer["kernel"], layer["stride"]
            top, bottom = same_padding(layer["in"][0], kernel, stride)
            left, right = same_padding(layer["in"][1], kernel, stride)
            padding = (top, left)
            if symmetric:
                padding = (kernel // 2, kernel // 2)
            elif top != bottom or left != right:
                self.pad = (left, right, top, bottom)
                padding = 0
            self.linear = nn.Conv2d(
                inputs, outputs, kernel, stride, padding, groups=layer["groups"], bias=layer["bias"]
            )
        self.norm = (
            nn.BatchNorm2d(outputs, eps=norm["epsilon"], momentum=1 - norm["momentum"]) if layer["norm"] else None
        )
        self.activation = ACTIVATIONS[layer["activation"]]()

    def forward(self, x):
        if self.pad is not None:
            x = F.pad(x, self.pad)
        x = self.linear(x)
        if self.norm is not None:
            x = self.norm(x)
        return x if self.activation is None else self.activation(x)


class Plain(nn.Module):
    """The operations without parameters. Maps are N×C×H×W; behind a pooling they are N×C."""

    def __init__(self, layer):
        super().__init__()
        self.op = layer["op"]
        self.stride = layer["stride"]
        self.more = layer["out"][2] - layer["in"][2]
        self.pads = [same_padding(side, 3, layer["stride"]) for side in layer["in"][:2]]
        if layer["activation"] != "id":
            raise ValueError(f"an activation behind {self.op}")

    def forward(self, x, y=None):
        if self.op == "gap":
            return x if x.dim() == 2 else x.mean((2, 3))
        if self.op == "scale":
            return x * (y[:, :, None, None] if x.dim() == 4 and y.dim() == 2 else y)
        if self.op == "add":
            return x + y
        if self.op == "pad":
            return F.pad(x, (0, 0, 0, 0, 0, self.more))
        if self.op == "avgpool":
            (top, bottom), (left, right) = self.pads
            area = F.pad(torch.ones_like(x[:1, :1]), (left, right, top, bottom))
            counted = F.avg_pool2d(area, 3, self.stride)
            return F.avg_pool2d(F.pad(x, (left, right, top, bottom)), 3, self.stride) / counted
        raise ValueError(f"unknown operation {self.op}")


class Network(nn.Module):
    """`symmetric`: padding k//2 on every side, as networks made for PyTorch have it; same shapes and cost, no copy
    for padding, other numbers."""

    def __init__(self, layers, norm, dropout=0.0, symmetric=False):
        super().__init__()
        self.units = nn.ModuleList()
        self.names = [layer["name"] for layer in layers]
        self.dropout = dropout
        last_use = {}
        for index, layer in enumerate(layers):
            for name in layer["from"]:
                last_use[name] = index
        place = {"input": 0, **{name: index + 1 for index, name in enumerate(self.names)}}
        self.plan = []
        for index, layer in enumerate(layers):
            has_kernel = layer["op"] in ("conv", "dwconv", "dense")
            self.units.append(Unit(layer, norm, symmetric) if has_kernel else Plain(layer))
            sources = [place[name] for name in layer["from"]]
            over = [place[name] for name in layer["from"] if last_use[name] == index]
            self.plan.append((sources, over))

    def forward(self, x):
        results = [None] * (len(self.plan) + 1)
        results[0] = x
        final = len(self.plan) - 1
        for index, unit in enumerate(self.units):
            sources, over = self.plan[index]
            inputs = [results[source] for source in sources]
            for source in over:
                results[source] = None
            if index == final and self.dropout > 0:
                inputs[0] = F.dropout(inputs[0], self.dropout, self.training)
            results[index + 1] = unit(*inputs)
        return results[-1]

    def kernels_and_others(self):
        """Trained parameters that decay, and those that do not."""
        kernels = [unit.linear.weight for unit in self.units if isinstance(unit, Unit)]
        chosen = {id(kernel) for kernel in kernels}
        return kernels, [p for p in self.parameters() if id(p) not in chosen]

    def slots(self):
        """Tensors by the product's parameter names, each with the role that says how its axes are turned."""
        found = {}
        for name, unit in zip(self.names, self.units):
            if not isinstance(unit, Unit):
                continue
            found[f"{name}.kernel"] = unit.linear.weight
            if unit.linear.bias is not None:
                found[f"{name}.bias"] = unit.linear.bias
            if unit.norm is not None:
                found[f"{name}.scale"] = unit.norm.weight
                found[f"{name}.offset"] = unit.norm.bias
                found[f"{name}.mean"] = unit.norm.running_mean
                found[f"{name}.variance"] = unit.norm.running_var
        return found

    def load(self, parameters, numbers):
        """`numbers`: all parameters in the product's order, row-major in the product's shapes."""
        slots, at = self.slots(), 0
        if set(slots) != {p["name"] for p in parameters}:
            raise ValueError("the parameters' names differ")
        with torch.no_grad():
            for parameter in parameters:
                size = math.prod(parameter["shape"])
                slot = slots[parameter["name"]]
                slot.copy_(turned(numbers[at : at + size].view(parameter["shape"]), slot.shape))
                at += size
        if at != numbers.numel():
            raise ValueError(f"{numbers.numel()} numbers for {at} places")

    def start(self, generator):
        """Start weights by the product's rule (src/network/init.ts): He normal by fan-out, classifier 0.01."""
        units = [unit for unit in self.units if isinstance(unit, Unit)]
        with torch.no_grad():
            for unit in units:
                weight = unit.linear.weight
                outputs = 1 if weight.dim() == 4 and unit.linear.groups > 1 else weight.shape[0]
                window = weight.shape[2] * weight.shape[3] if weight.dim() == 4 else 1
                deviation = 0.01 if unit is units[-1] else math.sqrt(2 / (window * outputs))
                weight.normal_(0, deviation, generator=generator)
                if unit.linear.bias is not None:
                    unit.linear.bias.zero_()
                # nn.BatchNorm2d starts as the product does: scale 1, offset 0, mean 0, variance 1.


def turned(values, shape):
    """[kh,kw,in,out] and [kh,kw,channels,1] to PyTorch's [out,in,kh,kw] and [channels,1,kh,kw]; [in,out] likewise."""
    if values.dim() == 4:
        full = values.permute(3, 2, 0, 1)
        return full if full.shape == shape else values.permute(2, 3, 0, 1)
    return values.t() if values.dim() == 2 else values


def folded(network):
    """A copy for evaluation, each normalisation multiplied into the convolution before it."""
    result = copy.deepcopy(network).eval()
    for unit in result.units:
        if isinstance(unit, Unit) and unit.norm is not None:
            unit.linear = fuse_conv_bn_eval(unit.linear, unit.norm)
            unit.norm = None
    return result
