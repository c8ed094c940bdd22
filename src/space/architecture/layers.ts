import { assertNever, deepFreeze } from '../../core/index.js';
import type { Activation, Architecture, Gate, SqueezeExcite, UniversalBlock } from './architecture.js';
import type { Layer, Shape } from './layer.js';
import { symmetricPads } from './padding.js';
import { skipApplies, type SpatialBlock } from './skip.js';

const lowered = new WeakMap<Architecture, readonly Layer[]>();

/** Lowers an architecture to its operations in order; see {@link Layer}. Remembered per (frozen) object. */
export function layersOf(architecture: Architecture): readonly Layer[] {
  const known = lowered.get(architecture);
  if (known) return known;
  const layers = deepFreeze(lower(architecture));
  if (Object.isFrozen(architecture)) lowered.set(architecture, layers);
  return layers;
}

/** Number of trained parameters: kernels, biases, scales and offsets of normalisation. */
export function paramsOf(architecture: Architecture): number {
  return layersOf(architecture).reduce((sum, layer) => sum + layer.params, 0);
}

/** Multiply-adds of convolutions and dense layers for one picture. */
export function maddsOf(architecture: Architecture): number {
  return layersOf(architecture).reduce((sum, layer) => sum + layer.madds, 0);
}

/** What a trial says of its network's size. */
export interface Costs {
  readonly params: number;
  readonly madds: number;
}

/** {@link paramsOf} and {@link maddsOf}. */
export function costsOf(architecture: Architecture): Costs {
  return { params: paramsOf(architecture), madds: maddsOf(architecture) };
}

/** Adds layers to a list and remembers what the next one reads. */
interface Builder {
  readonly layers: Layer[];
  readonly padding: Architecture['padding'];
  /** Name and shape of the latest result. */
  from: string;
  shape: Shape;
}

interface Step {
  readonly role: string;
  readonly op: Layer['op'];
  readonly channels?: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly activation?: Activation | Gate;
  /** Of `dense`; convolutions always have it. */
  readonly norm?: boolean;
  /** Second operand of `scale` and `add`. */
  readonly second?: string;
}

function lower(architecture: Architecture): Layer[] {
  const builder: Builder = {
    layers: [],
    padding: architecture.padding,
    from: 'input',
    shape: architecture.input,
  };
  for (const [index, block] of architecture.blocks.entries()) {
    switch (block.kind) {
      case 'gap':
        push(builder, index, { role: 'pool', op: 'gap' });
        break;
      case 'fc':
        push(builder, index, { role: 'dense', op: 'dense', norm: block.norm === true, ...pick(block) });
        break;
      case 'cn':
      case 'ds':
      case 'ir':
      case 'ui':
        lowerSpatial(builder, index, block);
        break;
      default:
        assertNever(block);
    }
  }
  return builder.layers;
}

function lowerSpatial(builder: Builder, index: number, block: SpatialBlock): void {
  const before = { from: builder.from, shape: builder.shape };
  const { stride, activation } = block;
  if (block.kind === 'cn') {
    push(builder, index, { role: 'conv', op: 'conv', kernel: block.kernel, stride, ...pick(block) });
  } else if (block.kind === 'ui') {
    lowerUniversal(builder, index, block);
  } else {
    const { kernel } = block;
    if (block.kind === 'ir')
      push(builder, index, { role: 'expand', op: 'conv', channels: block.expansion, activation });
    push(builder, index, { role: 'depthwise', op: 'dwconv', kernel, stride, activation });
    if (block.squeeze) lowerSqueeze(builder, index, block.squeeze);
    const output = block.kind === 'ds' ? block.pointwise : 'id';
    push(builder, index, { role: 'project', op: 'conv', channels: block.channels, activation: output });
  }
  if (skipApplies(block, before.shape[2])) lowerSkip(builder, index, block, before);
}

function lowerUniversal(builder: Builder, index: number, block: UniversalBlock): void {
  const { start, kernel, stride, expansion, channels, activation } = block;
  if (start !== null)
    push(builder, index, {
      role: 'start',
      op: 'dwconv',
      kernel: start,
      stride: kernel === null ? stride : 1,
    });
  push(builder, index, { role: 'expand', op: 'conv', channels: expansion, activation });
  if (kernel !== null) push(builder, index, { role: 'depthwise', op: 'dwconv', kernel, stride, activation });
  push(builder, index, { role: 'project', op: 'conv', channels });
}

function lowerSqueeze(builder: Builder, index: number, squeeze: SqueezeExcite): void {
  const { from, shape } = builder;
  push(builder, index, { role: 'squeeze', op: 'gap' });
  push(builder, index, { role: 'reduce', op: 'dense', channels: squeeze.channels, activation: 're' });
  push(builder, index, { role: 'excite', op: 'dense', channels: shape[2], activation: squeeze.gate });
  const gate = builder.from;
  builder.from = from;
  builder.shape = shape;
  push(builder, index, { role: 'scale', op: 'scale', second: gate });
}

function lowerSkip(
  builder: Builder,
  index: number,
  block: SpatialBlock,
  before: { readonly from: string; readonly shape: Shape },
): void {
  const { from, shape } = builder;
  builder.from = before.from;
  builder.shape = before.shape;
  if (block.skip === 'pool') {
    push(builder, index, { role: 'skip', op: 'avgpool', kernel: 3, stride: block.stride });
    if (block.channels > before.shape[2])
      push(builder, index, { role: 'pad', op: 'pad', channels: block.channels });
  }
  const second = builder.from;
  builder.from = from;
  builder.shape = shape;
  push(builder, index, { role: 'add', op: 'add', second });
}

function push(builder: Builder, block: number, step: Step): void {
  const { op, kernel = 1, stride = 1, activation = 'id' } = step;
  const [height, width, depth] = builder.shape;
  const channels = step.channels ?? depth;
  const flat = op === 'gap';
  const out: Shape = flat
    ? [1, 1, channels]
    : [Math.ceil(height / stride), Math.ceil(width / stride), channels];
  const convolves = op === 'conv' || op === 'dwconv';
  const groups = op === 'dwconv' ? channels : 1;
  const norm = convolves || step.norm === true;
  const bias = op === 'dense' && !norm;
  const multiplies = convolves || op === 'dense';
  const kernelSize = multiplies ? kernel * kernel * (depth / groups) * channels : 0;
  const symmetric = builder.padding === 'symmetric' && convolves;
  const pads = symmetric ? symmetricPads({ in: builder.shape, out, kernel, stride }) : undefined;
  builder.layers.push({
    name: `${block}.${step.role}`,
    block,
    op,
    from: step.second === undefined ? [builder.from] : [builder.from, step.second],
    in: builder.shape,
    out,
    kernel,
    stride,
    ...(pads === undefined ? {} : { pads }),
    groups,
    bias,
    norm,
    activation,
    params: kernelSize + (norm ? 2 * channels : 0) + (bias ? channels : 0),
    madds: kernelSize * out[0] * out[1],
  });
  builder.from = `${block}.${step.role}`;
  builder.shape = out;
}

function pick(block: { readonly channels: number; readonly activation: Activation }) {
  return { channels: block.channels, activation: block.activation };
}
