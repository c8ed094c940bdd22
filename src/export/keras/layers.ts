import { assertNever } from '../../core/index.js';
import { numbers, type Network, type Weights } from '../../network/index.js';
import type { Layer, Shape } from '../../space/index.js';
import type { Hdf5Array } from './hdf5.js';

/** A layer of a Keras model. */
export interface KerasLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of what it reads. */
  readonly from: readonly string[];
  /** Shapes of what it reads, without the batch. */
  readonly shapes: readonly (readonly number[])[];
  /** Its variables in Keras's order. */
  readonly variables: readonly Hdf5Array[];
}

export const KERAS_INPUT = 'images';

/**
 * A network as Keras's own layers, normalisation not folded. Maps are [H, W, C], from the pooling in front of the classifier on
 * [C]; squeeze-and-excite's dense layers work on [1, 1, C].
 */
export function kerasLayers(
  network: Network,
  weights: Weights,
  norm: { readonly epsilon: number; readonly momentum: number },
): readonly KerasLayer[] {
  const made: KerasLayer[] = [];
  /** The Keras layer and shape that a layer's result is. */
  const results = new Map<string, Value>([['input', { name: KERAS_INPUT, shape: network.input }]]);
  const flat = flatLayers(network);
  for (const layer of network.layers) {
    let read = layer.from.map((name) => results.get(name) as Value);
    const shape: readonly number[] = flat.has(layer.name) ? [layer.out[2]] : layer.out;
    const add = (
      name: string,
      [className, config]: Made,
      variables: readonly Hdf5Array[] = [],
      out: readonly number[] = shape,
    ): void => {
      const [from, shapes] = [read.map((value) => value.name), read.map((value) => value.shape)];
      made.push({ ...{ className, name, config, from, shapes, variables } });
      read = [{ name, shape: out }];
    };
    if (layer.pads !== undefined && layer.op !== 'avgpool') {
      const [top, left, bottom, right] = layer.pads;
      const [height, width, channels] = layer.in;
      const padded = [height + top + bottom, width + left + right, channels];
      add(
        `${layer.name}.pad`,
        zeros([
          [top, bottom],
          [left, right],
        ]),
        [],
        padded,
      );
    }
    add(layer.name, operation(layer, flat.has(layer.name)), kernelOf(layer, weights));
    if (layer.norm) {
      const config = { axis: -1, momentum: norm.momentum, epsilon: norm.epsilon };
      const roles = ['scale', 'offset', 'mean', 'variance'] as const;
      const variables = roles.map((role) => ({
        shape: [layer.out[2]],
        values: numbers(weights, layer.name, role),
      }));
      add(`${layer.name}.bn`, ['BatchNormalization', config], variables);
    }
    const active = activation(layer.activation);
    if (active !== null) add(`${layer.name}.activation`, active);
    results.set(layer.name, read[0] as Value);
  }
  return made;
}

interface Value {
  readonly name: string;
  readonly shape: Shape | readonly number[];
}

type Made = readonly [className: string, config: Readonly<Record<string, unknown>>];

/** Stand-alone layers from the pooling on. */
function flatLayers({ layers }: Network): ReadonlySet<string> {
  const alone = (layer: Layer) => !layers.some((other) => other !== layer && other.block === layer.block);
  return new Set(
    layers
      .filter((layer) => (layer.op === 'gap' || layer.op === 'dense') && alone(layer))
      .map(({ name }) => name),
  );
}

function operation(layer: Layer, flat: boolean): Made {
  const { kernel, stride, bias, pads } = layer;
  const outputs = layer.out[2];
  const window = {
    strides: [stride, stride],
    padding: pads === undefined || layer.op === 'avgpool' ? 'same' : 'valid',
  };
  switch (layer.op) {
    case 'conv':
      return ['Conv2D', { filters: outputs, kernel_size: [kernel, kernel], ...window, use_bias: bias }];
    case 'dwconv':
      return ['DepthwiseConv2D', { kernel_size: [kernel, kernel], ...window, use_bias: bias }];
    case 'dense':
      return ['Dense', { units: outputs, use_bias: bias }];
    case 'gap':
      return ['GlobalAveragePooling2D', { keepdims: !flat }];
    case 'avgpool':
      return ['AveragePooling2D', { pool_size: [kernel, kernel], ...window }];
    case 'pad':
      // Keras pads two axes only: with channels first, the last two are width and channels.
      return zeros(
        [
          [0, 0],
          [0, outputs - layer.in[2]],
        ],
        'channels_first',
      );
    case 'scale':
      return ['Multiply', {}];
    case 'add':
      return ['Add', {}];
    default:
      return assertNever(layer.op);
  }
}

function zeros(padding: readonly (readonly number[])[], data_format = 'channels_last'): Made {
  return ['ZeroPadding2D', { padding, data_format }];
}

function activation(kind: Layer['activation']): Made | null {
  switch (kind) {
    case 'id':
      return null;
    case 're':
      return ['ReLU', {}];
    case 'r6':
      return ['ReLU', { max_value: 6 }];
    case 'sig':
      return ['Activation', { activation: 'sigmoid' }];
    case 'hsig':
      return ['Activation', { activation: 'hard_sigmoid' }];
    case 'hs':
      return ['Activation', { activation: 'hard_silu' }];
    default:
      return assertNever(kind);
  }
}

/** Keras's kernels have our shapes. */
function kernelOf(layer: Layer, weights: Weights): readonly Hdf5Array[] {
  const [inputs, outputs] = [layer.in[2], layer.out[2]];
  const shapes = {
    conv: [layer.kernel, layer.kernel, inputs, outputs],
    dwconv: [layer.kernel, layer.kernel, inputs, 1],
    dense: [inputs, outputs],
  } as const;
  if (layer.op !== 'conv' && layer.op !== 'dwconv' && layer.op !== 'dense') return [];
  const kernel = { shape: shapes[layer.op], values: numbers(weights, layer.name, 'kernel') };
  if (!layer.bias) return [kernel];
  return [kernel, { shape: [outputs], values: numbers(weights, layer.name, 'bias') }];
}
