/** The modules that a network may need, as Python. Each text stands alone but for the ones named in {@link NEEDS}. */
export type ModuleName =
  | 'Conv2dSame'
  | 'ConvBnAct'
  | 'PooledSkip'
  | 'SqueezeExcite'
  | 'ResidualConv'
  | 'DepthwiseSeparable'
  | 'InvertedResidual'
  | 'UniversalBottleneck'
  | 'DenseBnAct';

/** Source of the modules in the order in which they are written, each followed by two blank lines. */
export function moduleSources(wanted: ReadonlySet<ModuleName>): string {
  const names = (Object.keys(SOURCES) as ModuleName[]).filter((name) => wanted.has(name));
  const padded = wanted.has('Conv2dSame') || wanted.has('PooledSkip') ? [PAD_SAME] : [];
  return [...padded, ...names.map((name) => SOURCES[name](wanted.has('Conv2dSame')))]
    .map((source) => `${source}\n\n\n`)
    .join('');
}

const PAD_SAME = `def pad_same(x: Tensor, kernel: int) -> Tensor:
    """Zeros around x, so that a window moved by 2 gives ceil(size / 2); an odd row or column goes to the end."""
    height = kernel - 2 + x.shape[2] % 2
    width = kernel - 2 + x.shape[3] % 2
    return F.pad(x, [width // 2, width - width // 2, height // 2, height - height // 2])`;

const CONV_SAME = `class Conv2dSame(nn.Conv2d):
    """Convolution of stride 2 with TensorFlow's SAME padding, which is uneven at even sizes."""

    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(pad_same(input, self.kernel_size[0]), self.weight, self.bias)`;

function convBnAct(same: boolean): string {
  const convolution = `nn.Conv2d(
${same ? '    ' : ''}            inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False
${same ? '    ' : ''}        )`;
  return `class ConvBnAct(nn.Module):
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
${
  same
    ? `        if stride == 2 and kernel > 1:
            self.conv = Conv2dSame(inputs, outputs, kernel, stride, groups=groups, bias=False)
        else:
            self.conv = ${convolution}`
    : `        self.conv = ${convolution}`
}
        self.bn = nn.BatchNorm2d(outputs, eps=BN_EPS)
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.bn(self.conv(x)))`;
}

const POOLED_SKIP = `class PooledSkip(nn.Module):
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
        return F.pad(x, [0, 0, 0, 0, 0, self.extra])`;

const SQUEEZE_EXCITE = `class SqueezeExcite(nn.Module):
    def __init__(self, channels: int, squeezed: int, gate: Type[nn.Module] = nn.Hardsigmoid):
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.excite = nn.Conv2d(squeezed, channels, 1)
        self.gate = gate()

    def forward(self, x: Tensor) -> Tensor:
        scale = F.relu(self.reduce(x.mean((2, 3), keepdim=True)))
        return x * self.gate(self.excite(scale))`;

const ADD_SKIP = `        if self.skip is None:
            return y
        return y + self.skip(x)`;

const RESIDUAL_CONV = `class ResidualConv(nn.Module):
    """Convolution whose input is added to its result."""

    def __init__(self, conv: nn.Module, skip: nn.Module):
        super().__init__()
        self.conv = conv
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x) + self.skip(x)`;

const DEPTHWISE_SEPARABLE = `class DepthwiseSeparable(nn.Module):
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
${ADD_SKIP}`;

const INVERTED_RESIDUAL = `class InvertedResidual(nn.Module):
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
${ADD_SKIP}`;

const UNIVERSAL_BOTTLENECK = `class UniversalBottleneck(nn.Module):
    """MobileNetV4's block: an inverted bottleneck whose depthwise convolutions, \`start\` and \`kernel\`, are optional."""

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
${ADD_SKIP}`;

const DENSE_BN_ACT = `class DenseBnAct(nn.Module):
    def __init__(self, inputs: int, outputs: int, bn: bool = False, act: Type[nn.Module] = nn.Identity):
        super().__init__()
        self.dense = nn.Linear(inputs, outputs, bias=not bn)
        self.bn = nn.BatchNorm1d(outputs, eps=BN_EPS) if bn else nn.Identity()
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.bn(self.dense(x)))`;

const SOURCES: Readonly<Record<ModuleName, (same: boolean) => string>> = {
  Conv2dSame: () => CONV_SAME,
  ConvBnAct: convBnAct,
  PooledSkip: () => POOLED_SKIP,
  SqueezeExcite: () => SQUEEZE_EXCITE,
  ResidualConv: () => RESIDUAL_CONV,
  DepthwiseSeparable: () => DEPTHWISE_SEPARABLE,
  InvertedResidual: () => INVERTED_RESIDUAL,
  UniversalBottleneck: () => UNIVERSAL_BOTTLENECK,
  DenseBnAct: () => DENSE_BN_ACT,
};
