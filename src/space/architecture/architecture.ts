/**
 * An architecture is plain, frozen, versioned data with absolute widths, so that a NetAdapt result fits as
 * well as a sampled one. It is the only form that networks, costs and exporters see.
 */

/** `re` ReLU, `r6` ReLU6, `hs` h-swish x·ReLU6(x+3)/6 (MobileNetV3 §5.2), `id` none. */
export type Activation = 're' | 'r6' | 'hs' | 'id';

/** Gate of squeeze-and-excite: `hsig` ReLU6(x+3)/6 (MobileNetV3 §5.3), `sig` logistic (MnasNet). */
export type Gate = 'hsig' | 'sig';

/** Squeeze-and-excite after the depthwise convolution; `channels` is the absolute squeezed width. */
export interface SqueezeExcite {
  readonly channels: number;
  readonly gate: Gate;
}

/**
 * What is added to a block's result (MnasNet's SkipOp): `id` its input, where stride is 1 and widths agree;
 * `pool` the 3×3 average-pooled input with the block's stride, missing channels being zero, where the width
 * does not fall; `no` nothing. A skip that does not apply to the block's shapes adds nothing.
 */
export type Skip = 'id' | 'pool' | 'no';

/** Full convolution, batch normalisation, activation. */
export interface ConvBlock {
  readonly kind: 'cn';
  readonly kernel: number;
  readonly stride: 1 | 2;
  readonly channels: number;
  readonly activation: Activation;
  readonly skip: Skip;
}

/** Depthwise convolution, activation, squeeze-and-excite, then a pointwise projection (linear in MnasNet and V2/V3). */
export interface SeparableBlock {
  readonly kind: 'ds';
  readonly kernel: number;
  readonly stride: 1 | 2;
  readonly channels: number;
  readonly activation: Activation;
  /** `id` for the linear projection of MobileNetV2 and later; MobileNetV1 has `re` here. */
  readonly pointwise: Activation;
  readonly squeeze: SqueezeExcite | null;
  readonly skip: Skip;
}

/** MBConv: pointwise expansion to `expansion` channels, depthwise, squeeze-and-excite, linear projection. */
export interface InvertedBlock {
  readonly kind: 'ir';
  readonly kernel: number;
  readonly stride: 1 | 2;
  /** Absolute width inside the block; the expansion convolution is always there, also when it widens nothing. */
  readonly expansion: number;
  readonly channels: number;
  readonly activation: Activation;
  readonly squeeze: SqueezeExcite | null;
  readonly skip: Skip;
}

/**
 * Universal inverted bottleneck (MobileNetV4, arXiv 2404.10518 §3): an inverted bottleneck whose two depthwise
 * convolutions are optional. With `start` alone it is ConvNext-like, with both ExtraDW, with `kernel` alone an
 * inverted bottleneck ({@link InvertedBlock} without squeeze-and-excite), with neither a feed-forward network.
 */
export interface UniversalBlock {
  readonly kind: 'ui';
  /** Kernel of the depthwise convolution before the expansion, which has no activation; null: none. */
  readonly start: number | null;
  /** Kernel of the depthwise convolution between expansion and projection; null: none. */
  readonly kernel: number | null;
  /** Of the middle depthwise convolution where there is one, else of the first; 1 where there is neither. */
  readonly stride: 1 | 2;
  /** Absolute width inside the block. */
  readonly expansion: number;
  readonly channels: number;
  readonly activation: Activation;
  readonly skip: Skip;
}

/** Global average pooling; exactly one in an architecture. */
export interface PoolBlock {
  readonly kind: 'gap';
}

/** Dense layer behind the pooling, with bias or batch normalisation; the last one is the classifier. */
export interface DenseBlock {
  readonly kind: 'fc';
  readonly channels: number;
  readonly activation: Activation;
  /** Batch normalisation in place of the bias, as in MobileNetV4's head; never of the classifier. */
  readonly norm?: true;
}

export type Block = ConvBlock | SeparableBlock | InvertedBlock | UniversalBlock | PoolBlock | DenseBlock;

export interface Architecture {
  readonly version: 1;
  /** Height, width, channels of one picture. */
  readonly input: readonly [number, number, number];
  /**
   * Where the padding of a strided convolution is uneven, `symmetric` gives the beginning more, as PyTorch's symmetric
   * padding amounts to; left out, the end gets more (TensorFlow's SAME). Of networks whose weights come from PyTorch.
   */
  readonly padding?: 'symmetric';
  /** Spatial blocks, `gap`, then dense blocks; the last block is the classifier with `classes` channels. */
  readonly blocks: readonly Block[];
}
