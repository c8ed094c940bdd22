"""A convolutional network, written by platform-nas 0.1.0.

    model = create_model(weights="model.safetensors").eval()
    logits = model(images)  # images: float32 (N, 3, 224, 224)

    backbone = create_model(features_only=True, weights="model.safetensors")
    maps = backbone(images)  # C3 (stride 8, 24 channels), C4 (stride 16, 48 channels), C5 (stride 32, 576 channels)

Pictures enter as (pixel / 255 - mean) / deviation, per channel:
mean [0.25, 0.375, 0.5], deviation [0.5, 0.5, 0.5].
Made for 224x224; the convolutions take any size. Padding is TensorFlow's SAME.

nas1:224x224x3 cn_k3_s2_c16_hs ds_k3_s2_c16_se8_re ir_k3_s2_e72_c24_re ir_k3_s1_e88_c24_re
ir_k5_s2_e96_c40_se24_hs ir_k5_s1_e240_c40_se64_hs ir_k5_s1_e240_c40_se64_hs
ir_k5_s1_e120_c48_se32_hs ir_k5_s1_e144_c48_se40_hs ir_k5_s2_e288_c96_se72_hs
ir_k5_s1_e576_c96_se144_hs ir_k5_s1_e576_c96_se144_hs cn_k1_s1_c576_hs gap fc_c1024_hs fc_c10_id
"""

from typing import List, Optional, Sequence, Type

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

BN_EPS = 0.001


def pad_same(x: Tensor, kernel: int) -> Tensor:
    """Zeros around x, so that a window moved by 2 gives ceil(size / 2); an odd row or column goes to the end."""
    height = kernel - 2 + x.shape[2] % 2
    width = kernel - 2 + x.shape[3] % 2
    return F.pad(x, [width // 2, width - width // 2, height // 2, height - height // 2])


class Conv2dSame(nn.Conv2d):
    """Convolution of stride 2 with TensorFlow's SAME padding, which is uneven at even sizes."""

    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(pad_same(input, self.kernel_size[0]), self.weight, self.bias)


class ConvBnAct(nn.Module):
    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        act: Type[nn.Module] = nn.Identity,
    ):
        super().__init__()
        if stride == 2 and kernel > 1:
            self.conv = Conv2dSame(inputs, outputs, kernel, stride, groups=groups, bias=False)
        else:
            self.conv = nn.Conv2d(
                inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False
            )
        self.bn = nn.BatchNorm2d(outputs, eps=BN_EPS)
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.bn(self.conv(x)))


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int, squeezed: int, gate: Type[nn.Module] = nn.Hardsigmoid):
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.excite = nn.Conv2d(squeezed, channels, 1)
        self.gate = gate()

    def forward(self, x: Tensor) -> Tensor:
        scale = F.relu(self.reduce(x.mean((2, 3), keepdim=True)))
        return x * self.gate(self.excite(scale))


class DepthwiseSeparable(nn.Module):
    """Depthwise convolution, squeeze-and-excite, 1x1 projection."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        act: Type[nn.Module] = nn.ReLU,
        project_act: Type[nn.Module] = nn.Identity,
        se: Optional[nn.Module] = None,
        skip: Optional[nn.Module] = None,
    ):
        super().__init__()
        self.depthwise = ConvBnAct(inputs, inputs, kernel, stride, groups=inputs, act=act)
        self.se = nn.Identity() if se is None else se
        self.project = ConvBnAct(inputs, outputs, act=project_act)
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.se(self.depthwise(x)))
        if self.skip is None:
            return y
        return y + self.skip(x)


class InvertedResidual(nn.Module):
    """1x1 expansion, depthwise convolution, squeeze-and-excite, linear 1x1 projection."""

    def __init__(
        self,
        inputs: int,
        expanded: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        act: Type[nn.Module] = nn.ReLU,
        se: Optional[nn.Module] = None,
        skip: Optional[nn.Module] = None,
    ):
        super().__init__()
        self.expand = ConvBnAct(inputs, expanded, act=act)
        self.depthwise = ConvBnAct(expanded, expanded, kernel, stride, groups=expanded, act=act)
        self.se = nn.Identity() if se is None else se
        self.project = ConvBnAct(expanded, outputs)
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.se(self.depthwise(self.expand(x))))
        if self.skip is None:
            return y
        return y + self.skip(x)


class DenseBnAct(nn.Module):
    def __init__(self, inputs: int, outputs: int, bn: bool = False, act: Type[nn.Module] = nn.Identity):
        super().__init__()
        self.dense = nn.Linear(inputs, outputs, bias=not bn)
        self.bn = nn.BatchNorm1d(outputs, eps=BN_EPS) if bn else nn.Identity()
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.bn(self.dense(x)))


def make_blocks() -> List[nn.Module]:
    return [
        ConvBnAct(3, 16, kernel=3, stride=2, act=nn.Hardswish),  # 112x112x16
        DepthwiseSeparable(16, 16, kernel=3, stride=2, act=nn.ReLU, se=SqueezeExcite(16, 8)),  # 56x56x16
        InvertedResidual(16, 72, 24, kernel=3, stride=2, act=nn.ReLU),  # 28x28x24
        InvertedResidual(24, 88, 24, kernel=3, act=nn.ReLU, skip=nn.Identity()),  # 28x28x24, C3
        InvertedResidual(24, 96, 40, kernel=5, stride=2, act=nn.Hardswish, se=SqueezeExcite(96, 24)),  # 14x14x40
        InvertedResidual(40, 240, 40, kernel=5, act=nn.Hardswish, se=SqueezeExcite(240, 64), skip=nn.Identity()),  # 14x14x40
        InvertedResidual(40, 240, 40, kernel=5, act=nn.Hardswish, se=SqueezeExcite(240, 64), skip=nn.Identity()),  # 14x14x40
        InvertedResidual(40, 120, 48, kernel=5, act=nn.Hardswish, se=SqueezeExcite(120, 32)),  # 14x14x48
        InvertedResidual(48, 144, 48, kernel=5, act=nn.Hardswish, se=SqueezeExcite(144, 40), skip=nn.Identity()),  # 14x14x48, C4
        InvertedResidual(48, 288, 96, kernel=5, stride=2, act=nn.Hardswish, se=SqueezeExcite(288, 72)),  # 7x7x96
        InvertedResidual(96, 576, 96, kernel=5, act=nn.Hardswish, se=SqueezeExcite(576, 144), skip=nn.Identity()),  # 7x7x96
        InvertedResidual(96, 576, 96, kernel=5, act=nn.Hardswish, se=SqueezeExcite(576, 144), skip=nn.Identity()),  # 7x7x96
        ConvBnAct(96, 576, kernel=1, act=nn.Hardswish),  # 7x7x576, C5
    ]


def init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels // module.groups
        nn.init.normal_(module.weight, std=(2.0 / fan_out) ** 0.5)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class Network(nn.Module):
    """The whole network: (N, C, H, W) to logits (N, num_classes)."""

    def __init__(self, num_classes: int = 10):
        super().__init__()
        self.blocks = nn.Sequential(*make_blocks())
        self.head = nn.Sequential(
            DenseBnAct(576, 1024, act=nn.Hardswish),
        )
        self.classifier = nn.Linear(1024, num_classes)
        self.apply(init_weights)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.head(self.blocks(x).mean((2, 3))))


class Backbone(nn.Module):
    """Feature maps for a detector or segmenter: (N, C, H, W) to [C3, C4, C5], or those of return_idx."""

    def __init__(self, return_idx: Sequence[int] = (0, 1, 2)):
        super().__init__()
        blocks, channels, strides = [3, 8, 12], [24, 48, 576], [8, 16, 32]
        self.taps = [blocks[i] for i in return_idx]
        self.channels = [channels[i] for i in return_idx]
        self.strides = [strides[i] for i in return_idx]
        self.blocks = nn.ModuleList(make_blocks()[: max(self.taps) + 1])
        self.apply(init_weights)

    def forward(self, x: Tensor) -> List[Tensor]:
        features: List[Tensor] = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.taps:
                features.append(x)
        return features


def load_weights(model: nn.Module, path: str) -> None:
    """Loads model.safetensors. A backbone has no head; with another number of classes the classifier stays new."""
    from safetensors.torch import load_file

    own = model.state_dict()
    weights = {name: value for name, value in load_file(path).items() if name in own}
    for name in ("classifier.weight", "classifier.bias"):
        if name in own and own[name].shape != weights[name].shape:
            del weights[name]
    missing, _ = model.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.startswith("classifier.")]
    if missing:
        raise ValueError(f"{path} has no {missing[0]}")


def create_model(
    features_only: bool = False, num_classes: int = 10, weights: Optional[str] = None
) -> nn.Module:
    """The network, or with features_only its backbone, which gives the list of feature maps."""
    model = Backbone() if features_only else Network(num_classes)
    if weights is not None:
        load_weights(model, weights)
    return model


METADATA = {
    "preprocessing": {
        "layout": "NCHW",
        "formula": "(pixel / 255 - mean) / deviation, per channel",
        "mean": [0.25, 0.375, 0.5],
        "deviation": [0.5, 0.5, 0.5],
    },
    "architecture": "nas1:224x224x3 cn_k3_s2_c16_hs ds_k3_s2_c16_se8_re ir_k3_s2_e72_c24_re ir_k3_s1_e88_c24_re ir_k5_s2_e96_c40_se24_hs ir_k5_s1_e240_c40_se64_hs ir_k5_s1_e240_c40_se64_hs ir_k5_s1_e120_c48_se32_hs ir_k5_s1_e144_c48_se40_hs ir_k5_s2_e288_c96_se72_hs ir_k5_s1_e576_c96_se144_hs ir_k5_s1_e576_c96_se144_hs cn_k1_s1_c576_hs gap fc_c1024_hs fc_c10_id",
    "origin": {"study": "demo", "trial": 17},
    "accuracy": {"value": 0.9125, "data": "fashion-mnist", "set": "test"},
    "latency": {
        "source": "measured",
        "platform": "tensorflow",
        "device": "a CPU, 2 threads",
        "measuredOn": None,
        "medianMs": 1.75,
        "madMs": 0.05,
        "p90Ms": 1.9,
        "lowMs": 1.7,
        "highMs": 1.8,
        "runs": 50,
        "batch": 1,
        "fingerprint": "f1",
    },
    "versions": {"platform-nas": "0.1.0", "tensorflow": "2.21.0"},
}

CLASSES = [
    "class 0", "class 1", "class 2", "class 3", "class 4", "class 5", "class 6", "class 7",
    "class 8", "class 9",
]
