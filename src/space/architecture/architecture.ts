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

/** Global average pooling; exactly one in an architecture. */
export interface PoolBlock {
  readonly kind: 'gap';
}

/** Dense layer with bias and without normalisation, behind the pooling; the last one is the classifier. */
export interface DenseBlock {
  readonly kind: 'fc';
  readonly channels: number;
  readonly activation: Activation;
}

export type Block = ConvBlock | SeparableBlock | InvertedBlock | PoolBlock | DenseBlock;

export interface Architecture {
  readonly version: 1;
  /** Height, width, channels of one picture. */
  readonly input: readonly [number, number, number];
  /** Spatial blocks, `gap`, then dense blocks; the last block is the classifier with `classes` channels. */
  readonly blocks: readonly Block[];
}
