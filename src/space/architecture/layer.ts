import type { Activation, Gate } from './architecture.js';

/** Height, width, channels; 1×1 behind the pooling. */
export type Shape = readonly [number, number, number];

/** Rows and columns of zeros around a map: top, left, bottom, right. */
export type Pads = readonly [number, number, number, number];

/**
 * One operation of a network with its shapes and costs. `layersOf` in this room is the one place that lowers an
 * {@link Architecture}; printing, costs, weights, backends and exporters all read this list, in order.
 *
 * A layer computes: operation → bias (if `bias`) → batch normalisation (if `norm`) → `activation`.
 * - `conv`: full convolution (`groups` 1), SAME padding as TensorFlow (ceil(in/stride) out), no bias unless `bias`
 * - `dwconv`: depthwise convolution (`groups` = channels), SAME padding
 * - `dense`: on 1×1 maps; `in[2]` → `out[2]`; with a bias unless `norm`
 * - `gap`: global average pooling to 1×1×C (also the squeeze of squeeze-and-excite)
 * - `avgpool`: 3×3 average pooling, SAME, padding not counted
 * - `pad`: appends zero channels up to `out[2]`
 * - `scale`: `from[0]` (H×W×C) times `from[1]` (1×1×C)
 * - `add`: `from[0]` + `from[1]`
 */
export interface Layer {
  /** Unique, made of block index and role: `3.start`, `3.expand`, `3.depthwise`, `3.squeeze`, `3.reduce`, `3.excite`, `3.scale`, `3.project`, `3.skip`, `3.add`, `0.conv`, `16.pool`, `17.dense`. */
  readonly name: string;
  /** Index of the block it belongs to. */
  readonly block: number;
  readonly op: 'conv' | 'dwconv' | 'dense' | 'gap' | 'avgpool' | 'pad' | 'scale' | 'add';
  /** Names of the layers it reads; `input` is the picture. One, or two for `scale` and `add`. */
  readonly from: readonly string[];
  readonly in: Shape;
  readonly out: Shape;
  readonly kernel: number;
  readonly stride: number;
  /** Padding [top, left, bottom, right] of a convolution, where it is another than SAME padding; see {@link padsOf}. */
  readonly pads?: Pads;
  readonly groups: number;
  readonly bias: boolean;
  readonly norm: boolean;
  readonly activation: Activation | Gate;
  /** Everything that is trained: kernels, biases, scales and offsets of normalisation. */
  readonly params: number;
  /** Multiply-adds of convolutions and dense layers for one picture; 0 for every other operation. */
  readonly madds: number;
}
