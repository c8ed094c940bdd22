"""A backbone for D-FINE, written by platform-nas.

Copy this file and nas_backbone_ID.safetensors to src/nn/backbone/ and add to __init__.py there

    from .nas_backbone_ID import NasBackbone_ID

Then train with the configuration: configs/dfine/dfine_nas_backbone_ID.yml.
"""

from typing import List, Optional, Sequence, Type

from pathlib import Path

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


def make_blocks() -> List[nn.Module]:
    return [
        ConvBnAct(3, 8, kernel=3, stride=2, act=nn.Hardswish),  # 32x32x8
        ConvBnAct(8, 8, kernel=3, stride=2, act=nn.ReLU),  # 16x16x8
        InvertedResidual(8, 16, 16, kernel=3, stride=2, act=nn.ReLU, se=SqueezeExcite(16, 8)),  # 8x8x16, C3
        InvertedResidual(16, 32, 24, kernel=5, stride=2, act=nn.Hardswish),  # 4x4x24, C4
        InvertedResidual(24, 48, 32, kernel=3, stride=2, act=nn.ReLU),  # 2x2x32
        ConvBnAct(32, 64, kernel=1, act=nn.Hardswish),  # 2x2x64, C5
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


class Backbone(nn.Module):
    """Feature maps for a detector or segmenter: (N, C, H, W) to [C3, C4, C5], or those of return_idx."""

    def __init__(self, return_idx: Sequence[int] = (0, 1, 2)):
        super().__init__()
        blocks, channels, strides = [2, 3, 5], [16, 24, 64], [8, 16, 32]
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


MEAN, DEVIATION = [0.25, 0.375, 0.5], [0.5, 0.5, 0.5]
WEIGHTS = Path(__file__).with_name("nas_backbone_ID.safetensors")


def normalised(x: Tensor) -> Tensor:
    """RGB from 0 to 1, as detectors give it, to what the backbone was trained on."""
    return (x - x.new_tensor(MEAN).view(1, -1, 1, 1)) / x.new_tensor(DEVIATION).view(1, -1, 1, 1)


def load_weights(backbone: nn.Module) -> None:
    """Loads the weights that lie next to this file."""
    from safetensors.torch import load_file

    own = backbone.state_dict()
    weights = {name: value for name, value in load_file(str(WEIGHTS)).items() if name in own}
    missing, _ = backbone.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing:
        raise ValueError(f"{WEIGHTS} has no {missing[0]}")


class NasBackbone_ID(Backbone):
    """RGB from 0 to 1 to those of [C3, C4, C5] that return_idx names.

    freeze_at: the last block that is not trained, -1 for none. freeze_norm: keep the averages, scales and offsets of
    batch normalisation as they are.
    """

    # Plain arguments with defaults: the registry reads no others.
    def __init__(self, return_idx=[0, 1, 2], pretrained=True, freeze_at=-1, freeze_norm=False):
        super().__init__(return_idx)
        if pretrained:
            load_weights(self)
        self.freeze_norm = freeze_norm
        for index, block in enumerate(self.blocks):
            norms = [module for module in block.modules() if isinstance(module, nn.BatchNorm2d)]
            for part in [block] if index <= freeze_at else norms if freeze_norm else []:
                for parameter in part.parameters():
                    parameter.requires_grad_(False)

    def train(self, mode: bool = True):
        super().train(mode)
        for module in self.modules():
            if self.freeze_norm and isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, x: Tensor) -> List[Tensor]:
        return super().forward(normalised(x))


from src.core import register  # noqa: E402

try:
    register()(NasBackbone_ID)
except TypeError:  # RT-DETR v1 registers the class itself
    register(NasBackbone_ID)
