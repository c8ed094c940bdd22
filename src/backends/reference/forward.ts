import type * as tfjs from '@tensorflow/tfjs-core';
import { assertNever } from '../../core/index.js';
import type { Network } from '../../network/index.js';
import type { Layer } from '../../space/index.js';
import type { NormRecipe } from '../step-recipe.js';

export type Tf = typeof tfjs;
export type Tensor = tfjs.Tensor;
type Map4 = tfjs.Tensor4D;

/** Mean and unbiased variance of what a layer normalised. */
export interface BatchStatistics {
  readonly layer: string;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

export interface ForwardOptions {
  /** Normalises by the batch and reports its statistics; null: layers have no `norm` (folded). */
  readonly norm: NormRecipe | null;
  readonly report?: (statistics: BatchStatistics) => void;
  /** Multiplies the classifier's inputs. */
  readonly mask?: Tensor | undefined;
}

/** Logits [batch, classes] of pictures [batch,H,W,C]; every result is [batch,H,W,C], also 1×1 ones. */
export function forward(
  tf: Tf,
  network: Network,
  parameter: (name: string) => Tensor | undefined,
  input: Tensor,
  options: ForwardOptions,
): Tensor {
  const results = new Map<string, Tensor>([['input', input]]);
  const last = network.layers.at(-1) as Layer;
  for (const layer of network.layers) {
    const inputs = layer.from.map((name) => results.get(name) as Tensor);
    if (layer === last && options.mask !== undefined) inputs[0] = tf.mul(inputs[0] as Tensor, options.mask);
    const of = (role: string) => parameter(`${layer.name}.${role}`);
    let y = operate(tf, layer, inputs, of('kernel'));
    const bias = of('bias');
    if (bias !== undefined) y = tf.add(y, bias);
    if (layer.norm && options.norm !== null) y = normalise(tf, layer, y, of, options.norm, options.report);
    results.set(layer.name, activate(tf, layer.activation, y));
  }
  return tf.reshape(results.get(last.name) as Tensor, [-1, network.classes]);
}

function operate(tf: Tf, layer: Layer, inputs: readonly Tensor[], kernel: Tensor | undefined): Tensor {
  const [x, second] = inputs as [Map4, Map4];
  switch (layer.op) {
    case 'conv':
      return tf.conv2d(x, kernel as Map4, layer.stride, paddingOf(layer));
    case 'dwconv':
      return tf.depthwiseConv2d(x, kernel as Map4, layer.stride, paddingOf(layer));
    case 'dense': {
      const flat = tf.reshape(x, [-1, layer.in[2]]);
      return tf.reshape(tf.matMul(flat, kernel as Tensor), [-1, 1, 1, layer.out[2]]);
    }
    case 'gap':
      return tf.mean(x, [1, 2], true);
    case 'avgpool': {
      // Sum over the window by the number of places in it: tfjs's own gradient counts padding.
      const window: Map4 = tf.ones([layer.kernel, layer.kernel, layer.in[2], 1]);
      const sum = tf.depthwiseConv2d(x, window, layer.stride, 'same');
      const count = tf.depthwiseConv2d(tf.onesLike(x), window, layer.stride, 'same');
      return tf.div(sum, count);
    }
    case 'pad':
      return tf.pad(x, [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, layer.out[2] - layer.in[2]],
      ]);
    case 'scale':
      return tf.mul(x, second);
    case 'add':
      return tf.add(x, second);
    default:
      return assertNever(layer.op);
  }
}

function paddingOf({ pads }: Layer): 'same' | tfjs.backend_util.ExplicitPadding {
  if (pads === undefined) return 'same';
  const [top, left, bottom, right] = pads;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

function normalise(
  tf: Tf,
  layer: Layer,
  x: Tensor,
  of: (role: string) => Tensor | undefined,
  norm: NormRecipe,
  report?: (statistics: BatchStatistics) => void,
): Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const count = x.size / layer.out[2];
  const unbiased = tf.mul(variance, count / Math.max(1, count - 1));
  report?.({ layer: layer.name, mean, variance: unbiased });
  const unit = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, norm.epsilon)));
  return tf.add(tf.mul(unit, of('scale') as Tensor), of('offset') as Tensor);
}

function activate(tf: Tf, kind: Layer['activation'], x: Tensor): Tensor {
  switch (kind) {
    case 'id':
      return x;
    case 're':
      return tf.relu(x);
    case 'r6':
      return tf.relu6(x);
    case 'sig':
      return tf.sigmoid(x);
    case 'hsig':
      return tf.div(tf.relu6(tf.add(x, 3)), 6);
    case 'hs':
      return tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6));
    default:
      return assertNever(kind);
  }
}
