import { assertNever } from '../../../core/index.js';
import type { Layer } from '../../../space/index.js';
import { depthwiseKernelGradient } from './depthwise.js';
import type { Graph, Ref } from '../graph/graph.js';
import {
  add,
  averagePool,
  averagePoolGradient,
  convolve,
  convolveBackInput,
  convolveBackKernel,
  matMul,
  multiply,
  reduce,
  reshape,
  slice,
} from '../graph/operations.js';
import { attribute, DType } from '../graph/proto.js';
import { asMap, asResult, dimensions, isFlat } from './shapes.js';

/** A layer's operation without bias, normalisation and activation. `kernel` where the layer has one. */
export function operate(
  g: Graph,
  layer: Layer,
  inputs: readonly Ref[],
  kernel: Ref | undefined,
  batch: number,
): Ref {
  const [x, second] = inputs as [Ref, Ref];
  const map = () => asMap(g, x, layer.in, batch);
  const result = (y: Ref) => asResult(g, y, layer.out, batch);
  switch (layer.op) {
    case 'dense':
      return matMul(g, x, kernel as Ref);
    case 'conv':
      if (isMatrix(layer)) return matMul(g, x, matrix(g, layer, kernel as Ref));
      return result(convolve(g, 'Conv2D', map(), kernel as Ref, layer));
    case 'dwconv':
      return result(convolve(g, 'DepthwiseConv2dNative', map(), kernel as Ref, layer));
    case 'gap':
      return isFlat(layer.in) ? x : reduce(g, 'Mean', x, [1, 2], false);
    case 'avgpool':
      return result(averagePool(g, map(), layer.kernel, layer.stride));
    case 'pad': {
      const rank = dimensions(layer.in, batch).length;
      const paddings = new Int32Array(2 * rank);
      paddings[2 * rank - 1] = layer.out[2] - layer.in[2];
      return g.node('Pad', [x, g.constant([rank, 2], paddings)], {
        T: attribute.type(DType.float),
        Tpaddings: attribute.type(DType.int32),
      });
    }
    case 'scale':
      return multiply(g, x, overMap(g, layer, second, batch));
    case 'add':
      return add(g, x, second);
    default:
      return assertNever(layer.op);
  }
}

/** Gradients of {@link operate}. */
export interface OperationGradient {
  /** One per input. A `spread` term is [batch,1,1,channels], the same at every place of the map. */
  readonly inputs: readonly { readonly ref: Ref; readonly spread: boolean }[];
  readonly kernel?: Ref;
}

/**
 * @param x the inputs that {@link operate} got
 * @param wanted false where nothing needs the inputs' gradient (the picture)
 */
export function operateGradient(
  g: Graph,
  layer: Layer,
  x: readonly Ref[],
  kernel: Ref | undefined,
  dy: Ref,
  batch: number,
  wanted: boolean,
): OperationGradient {
  const [first, second] = x as [Ref, Ref];
  const full = (...refs: Ref[]) => refs.map((ref) => ({ ref, spread: false }));
  const map = () => asMap(g, dy, layer.out, batch);
  const result = (dx: Ref) => asResult(g, dx, layer.in, batch);
  switch (layer.op) {
    case 'dense':
    case 'conv':
    case 'dwconv':
      return kernelGradient(g, layer, first, kernel as Ref, dy, batch, wanted);
    case 'gap': {
      if (isFlat(layer.in)) return { inputs: full(dy) };
      const share = multiply(g, dy, g.float(1 / (layer.in[0] * layer.in[1])));
      return { inputs: [{ ref: reshape(g, share, [batch, 1, 1, layer.in[2]]), spread: true }] };
    }
    case 'avgpool': {
      const sizes = [batch, ...layer.in];
      return { inputs: full(result(averagePoolGradient(g, sizes, map(), layer.kernel, layer.stride))) };
    }
    case 'pad': {
      const size = dimensions(layer.in, batch);
      const begin = size.map(() => 0);
      return { inputs: full(slice(g, dy, begin, size)) };
    }
    case 'scale': {
      const byMap = multiply(g, dy, overMap(g, layer, second, batch));
      const product = multiply(g, dy, first);
      return { inputs: full(byMap, isFlat(layer.in) ? product : reduce(g, 'Sum', product, [1, 2], false)) };
    }
    case 'add':
      return { inputs: full(dy, dy) };
    default:
      return assertNever(layer.op);
  }
}

function kernelGradient(
  g: Graph,
  layer: Layer,
  x: Ref,
  kernel: Ref,
  dy: Ref,
  batch: number,
  wanted: boolean,
): OperationGradient {
  if (layer.op === 'dense' || (layer.op === 'conv' && isMatrix(layer))) {
    const flat = layer.op === 'dense' ? kernel : matrix(g, layer, kernel);
    return {
      inputs: wanted ? [{ ref: matMul(g, dy, flat, false, true), spread: false }] : [],
      kernel: matMul(g, x, dy, true, false),
    };
  }
  const op = layer.op === 'conv' ? 'Conv2D' : 'DepthwiseConv2dNative';
  const sizes = [layer.kernel, layer.kernel, layer.in[2], layer.op === 'conv' ? layer.out[2] : 1];
  const map = asMap(g, dy, layer.out, batch);
  const input = () => convolveBackInput(g, op, batch, kernel, map, layer);
  return {
    inputs: wanted ? [{ ref: asResult(g, input(), layer.in, batch), spread: false }] : [],
    kernel:
      layer.op === 'dwconv'
        ? depthwiseKernelGradient(g, asMap(g, x, layer.in, batch), layer, map, batch)
        : convolveBackKernel(g, op, asMap(g, x, layer.in, batch), sizes, map, layer),
  };
}

/** A pointwise convolution of 1×1 maps is a product of matrices. */
function isMatrix(layer: Layer): boolean {
  return layer.kernel === 1 && isFlat(layer.in);
}

function matrix(g: Graph, layer: Layer, kernel: Ref): Ref {
  return reshape(g, kernel, [layer.in[2], layer.out[2]]);
}

/** The gate of `scale`, to be spread over the map. */
function overMap(g: Graph, layer: Layer, gate: Ref, batch: number): Ref {
  return isFlat(layer.in) ? gate : reshape(g, gate, [batch, 1, 1, layer.in[2]]);
}
