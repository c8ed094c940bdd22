"""A convolutional network, written by platform-nas 0.1.0.

    model = create_model(weights="model.safetensors").eval()
    logits = model(images)  # images: float32 (N, 2, 64, 64)

    backbone = create_model(features_only=True, weights="model.safetensors")
    maps = backbone(images)  # LAST (stride 4, 10 channels)

Pictures enter as (pixel / 255 - mean) / deviation, per channel:
mean [0.25, 0.375], deviation [0.5, 0.5].
Made for 64x64; the convolutions take any size. Padding is TensorFlow's SAME.

nas1:64x64x2 cn_k3_s2_c6_hs_noskip ds_k3_s1_c6_re ir_k5_s2_e12_c9_se4_r6_skippool
ir_k3_s1_e10_c9_se3sig_hs cn_k1_s1_c9_re_skippool ds_k5_s1_c8_re_pwre_noskip
cn_k1_s1_c14_hs_noskip ui_a5_k3_s1_e20_c14_re ui_a3_s1_e18_c10_hs_noskip gap fc_c12_bn_re
fc_c11_hs fc_c5_id
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


class PooledSkip(nn.Module):
    """3x3 average of the input, padding not counted, with channels of zeros appended."""

    def __init__(self, stride: int = 1, extra: int = 0):
        super().__init__()
        self.stride = stride
        self.extra = extra

    def forward(self, x: Tensor) -> Tensor:
        if self.stride == 2:
            inside = F.avg_pool2d(pad_same(torch.ones_like(x[:1, :1]), 3), 3, 2)
            x = F.avg_pool2d(pad_same(x, 3), 3, 2) / inside
        else:
            x = F.avg_pool2d(x, 3, 1, padding=1, count_include_pad=False)
        return F.pad(x, [0, 0, 0, 0, 0, self.extra])


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int, squeezed: int, gate: Type[nn.Module] = nn.Hardsigmoid):
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.excite = nn.Conv2d(squeezed, channels, 1)
        self.gate = gate()

    def forward(self, x: Tensor) -> Tensor:
        scale = F.relu(self.reduce(x.mean((2, 3), keepdim=True)))
        return x * self.gate(self.excite(scale))


class ResidualConv(nn.Module):
    """Convolution whose input is added to its result."""

    def __init__(self, conv: nn.Module, skip: nn.Module):
        super().__init__()
        self.conv = conv
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x) + self.skip(x)


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


class UniversalBottleneck(nn.Module):
    """MobileNetV4's block: an inverted bottleneck whose depthwise convolutions, `start` and `kernel`, are optional."""

    def __init__(
        self,
        inputs: int,
        expanded: int,
        outputs: int,
        start: Optional[int] = None,
        kernel: Optional[int] = None,
        stride: int = 1,
        act: Type[nn.Module] = nn.ReLU,
        skip: Optional[nn.Module] = None,
    ):
        super().__init__()
        self.start = nn.Identity()
        if start is not None:
            self.start = ConvBnAct(inputs, inputs, start, stride if kernel is None else 1, groups=inputs)
        self.expand = ConvBnAct(inputs, expanded, act=act)
        self.depthwise = nn.Identity()
        if kernel is not None:
            self.depthwise = ConvBnAct(expanded, expanded, kernel, stride, groups=expanded, act=act)
        self.project = ConvBnAct(expanded, outputs)
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(self.start(x))))
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
        ConvBnAct(2, 6, kernel=3, stride=2, act=nn.Hardswish),  # 32x32x6
        DepthwiseSeparable(6, 6, kernel=3, act=nn.ReLU, skip=nn.Identity()),  # 32x32x6
        InvertedResidual(6, 12, 9, kernel=5, stride=2, act=nn.ReLU6, se=SqueezeExcite(12, 4), skip=PooledSkip(stride=2, extra=3)),  # 16x16x9
        InvertedResidual(9, 10, 9, kernel=3, act=nn.Hardswish, se=SqueezeExcite(10, 3, gate=nn.Sigmoid), skip=nn.Identity()),  # 16x16x9
        ResidualConv(ConvBnAct(9, 9, kernel=1, act=nn.ReLU), PooledSkip()),  # 16x16x9
        DepthwiseSeparable(9, 8, kernel=5, act=nn.ReLU, project_act=nn.ReLU),  # 16x16x8
        ConvBnAct(8, 14, kernel=1, act=nn.Hardswish),  # 16x16x14
        UniversalBottleneck(14, 20, 14, start=5, kernel=3, act=nn.ReLU, skip=nn.Identity()),  # 16x16x14
        UniversalBottleneck(14, 18, 10, start=3, act=nn.Hardswish),  # 16x16x10, LAST
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

    def __init__(self, num_classes: int = 5):
        super().__init__()
        self.blocks = nn.Sequential(*make_blocks())
        self.head = nn.Sequential(
            DenseBnAct(10, 12, bn=True, act=nn.ReLU),
            DenseBnAct(12, 11, act=nn.Hardswish),
        )
        self.classifier = nn.Linear(11, num_classes)
        self.apply(init_weights)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.head(self.blocks(x).mean((2, 3))))


class Backbone(nn.Module):
    """Feature maps for a detector or segmenter: (N, C, H, W) to [LAST], or those of return_idx."""

    def __init__(self, return_idx: Sequence[int] = (0,)):
        super().__init__()
        blocks, channels, strides = [8], [10], [4]
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
    features_only: bool = False, num_classes: int = 5, weights: Optional[str] = None
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
        "mean": [0.25, 0.375],
        "deviation": [0.5, 0.5],
    },
    "architecture": "nas1:64x64x2 cn_k3_s2_c6_hs_noskip ds_k3_s1_c6_re ir_k5_s2_e12_c9_se4_r6_skippool ir_k3_s1_e10_c9_se3sig_hs cn_k1_s1_c9_re_skippool ds_k5_s1_c8_re_pwre_noskip cn_k1_s1_c14_hs_noskip ui_a5_k3_s1_e20_c14_re ui_a3_s1_e18_c10_hs_noskip gap fc_c12_bn_re fc_c11_hs fc_c5_id",
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

CLASSES = ["class 0", "class 1", "class 2", "class 3", "class 4"]
