import { padsOf, type Layer } from '../../../space/index.js';
import type { Graph, Ref } from '../graph/graph.js';
import { concatenate, convolveBackKernel, pad, slice } from '../graph/operations.js';
import { attribute, DType } from '../graph/proto.js';

const T = attribute.type(DType.float);
const INT = attribute.type(DType.int32);

/** Taps of one side of a kernel: those before `first` and from `end` on never meet a pixel, only padding. */
interface Side {
  readonly kernel: number;
  readonly size: number;
  readonly before: number;
  readonly after: number;
  readonly first: number;
  readonly end: number;
}

/** One side of a convolution, 0 for rows and 1 for columns. */
export function sideOf(layer: Layer, axis: 0 | 1): Side {
  const { kernel, stride } = layer;
  const [size, out] = [layer.in[axis], layer.out[axis]];
  const pads = padsOf(layer);
  const before = pads[axis];
  return {
    kernel,
    size,
    before,
    after: pads[axis === 0 ? 2 : 3],
    first: Math.max(0, before - (out - 1) * stride),
    end: Math.min(kernel, before + size),
  };
}

/**
 * Whether windows are faster on a CPU. TensorFlow's operation is as fast as the convolution for 3×3 taps on maps from
 * 4×4, and up to twenty times slower for others; the parts of the map that windows read cost copies.
 */
function worthWindows(kernel: number, sides: readonly number[]): boolean {
  if (kernel <= 3) return kernel === 3 && Math.min(...sides) <= 3;
  return kernel >= 9 || Math.max(...sides) <= 8;
}

/**
 * Gradient of a depthwise convolution by its kernel [k,k,channels,1]: where that is faster, put together of 3×3
 * windows of taps (they may overlap), each a convolution without padding over a part of the padded map; taps that only
 * ever meet padding are zero.
 * @param x [batch, H, W, channels]
 * @param dy [batch, H', W', channels]
 */
export function depthwiseKernelGradient(g: Graph, x: Ref, layer: Layer, dy: Ref, batch: number): Ref {
  const { kernel, stride } = layer;
  const [height, width, channels] = layer.in;
  if (g.device === 'gpu' || !worthWindows(kernel, [height, width]))
    return convolveBackKernel(g, 'DepthwiseConv2dNative', x, [kernel, kernel, channels, 1], dy, layer);

  const rows = sideOf(layer, 0);
  const columns = sideOf(layer, 1);
  const padded = pad(g, x, [
    [0, 0],
    [rows.before, rows.after],
    [columns.before, columns.after],
    [0, 0],
  ]);
  const reach = (out: number, taps: number) => (out - 1) * stride + taps;
  const parts = windows(rows).map((r) =>
    windows(columns).map((c) => {
      const sizes = [reach(layer.out[0], r.taps), reach(layer.out[1], c.taps)] as const;
      const whole = r.at === 0 && c.at === 0 && sizes[0] === height + rows.before + rows.after;
      const part =
        whole && sizes[1] === width + columns.before + columns.after
          ? padded
          : slice(g, padded, [0, r.at, c.at, 0], [batch, ...sizes, channels]);
      const window = g.node(
        'DepthwiseConv2dNativeBackpropFilter',
        [part, g.ints(r.taps, c.taps, channels, 1), dy],
        {
          T,
          strides: attribute.ints([1, stride, stride, 1]),
          padding: attribute.text('VALID'),
          data_format: attribute.text('NHWC'),
        },
      );
      if (r.known === 0 && c.known === 0) return window;
      return slice(g, window, [r.known, c.known, 0, 0], [r.taps - r.known, c.taps - c.known, channels, 1]);
    }),
  );
  const taps = concatenate(
    g,
    parts.map((row) => concatenateColumns(g, row)),
  );
  return pad(g, taps, [
    [rows.first, kernel - rows.end],
    [columns.first, kernel - columns.end],
    [0, 0],
    [0, 0],
  ]);
}

/** Windows of at most three taps that cover a side; `known` taps of each were in the one before. */
function windows({ first, end }: Side): readonly { at: number; taps: number; known: number }[] {
  const list: { at: number; taps: number; known: number }[] = [];
  for (let done = first; done < end;) {
    const taps = Math.min(3, end - first);
    const at = Math.min(done, end - taps);
    list.push({ at, taps, known: done - at });
    done = at + taps;
  }
  return list;
}

function concatenateColumns(g: Graph, parts: readonly Ref[]): Ref {
  if (parts.length === 1) return parts[0] as Ref;
  return g.node('ConcatV2', [...parts, g.int(1)], { N: attribute.int(parts.length), T, Tidx: INT });
}
