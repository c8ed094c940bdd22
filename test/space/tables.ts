/** Rows of the papers' tables, written independently of the presets, in the columns of each source. */

/** MobileNetV3 tables 1 and 2: input side, input channels, kernel, expansion, output, SE, non-linearity, stride. */
export type V3Row = readonly [number, number, number, number, number, boolean, 'HS' | 'RE', 1 | 2];

const x = false;
const y = true;

export const V3_LARGE: readonly V3Row[] = [
  [112, 16, 3, 16, 16, x, 'RE', 1],
  [112, 16, 3, 64, 24, x, 'RE', 2],
  [56, 24, 3, 72, 24, x, 'RE', 1],
  [56, 24, 5, 72, 40, y, 'RE', 2],
  [28, 40, 5, 120, 40, y, 'RE', 1],
  [28, 40, 5, 120, 40, y, 'RE', 1],
  [28, 40, 3, 240, 80, x, 'HS', 2],
  [14, 80, 3, 200, 80, x, 'HS', 1],
  [14, 80, 3, 184, 80, x, 'HS', 1],
  [14, 80, 3, 184, 80, x, 'HS', 1],
  [14, 80, 3, 480, 112, y, 'HS', 1],
  [14, 112, 3, 672, 112, y, 'HS', 1],
  [14, 112, 5, 672, 160, y, 'HS', 2],
  [7, 160, 5, 960, 160, y, 'HS', 1],
  [7, 160, 5, 960, 160, y, 'HS', 1],
];

export const V3_SMALL: readonly V3Row[] = [
  [112, 16, 3, 16, 16, y, 'RE', 2],
  [56, 16, 3, 72, 24, x, 'RE', 2],
  [28, 24, 3, 88, 24, x, 'RE', 1],
  [28, 24, 5, 96, 40, y, 'HS', 2],
  [14, 40, 5, 240, 40, y, 'HS', 1],
  [14, 40, 5, 240, 40, y, 'HS', 1],
  [14, 40, 5, 120, 48, y, 'HS', 1],
  [14, 48, 5, 144, 48, y, 'HS', 1],
  [14, 48, 5, 288, 96, y, 'HS', 2],
  [7, 96, 5, 576, 96, y, 'HS', 1],
  [7, 96, 5, 576, 96, y, 'HS', 1],
];

/** Squeezed widths of the V3 code: a quarter of the expansion, divisible by 8, at most 10 % below. */
export const V3_SQUEEZE: Readonly<Record<number, number>> = {
  16: 8,
  72: 24,
  96: 24,
  120: 32,
  144: 40,
  240: 64,
  288: 72,
  480: 120,
  576: 144,
  672: 168,
  960: 240,
};

/** MnasNet's code: r(epeat) k s e(xpand) i(n) o(ut). */
export const MNASNET_A1 = [
  'r1_k3_s11_e1_i32_o16_noskip',
  'r2_k3_s22_e6_i16_o24',
  'r3_k5_s22_e3_i24_o40_se0.25',
  'r4_k3_s22_e6_i40_o80',
  'r2_k3_s11_e6_i80_o112_se0.25',
  'r3_k5_s22_e6_i112_o160_se0.25',
  'r1_k3_s11_e6_i160_o320',
];

export const MNASNET_B1 = [
  'r1_k3_s11_e1_i32_o16_noskip',
  'r3_k3_s22_e3_i16_o24',
  'r3_k5_s22_e3_i24_o40',
  'r3_k5_s22_e6_i40_o80',
  'r2_k3_s11_e6_i80_o96',
  'r4_k5_s22_e6_i96_o192',
  'r1_k3_s11_e6_i192_o320_noskip',
];

/** MobileNetV2 table 2: expansion factor, channels, repeats, first stride. */
export const V2: readonly (readonly [number, number, number, 1 | 2])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** MobileNetV1 table 1: stride of each depthwise convolution, output of the pointwise one. */
export const V1: readonly (readonly [1 | 2, number])[] = [
  [1, 64],
  [2, 128],
  [1, 128],
  [2, 256],
  [1, 256],
  [2, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [2, 1024],
  [1, 1024],
];

/**
 * MobileNetV4-Conv-Small, the rows of timm's copy: kernels of the first and the middle depthwise convolution (0: none),
 * stride, ratio of the expansion, output.
 */
export const V4_CONV_SMALL: readonly (readonly [number, number, 1 | 2, number, number])[] = [
  [5, 5, 2, 3, 96],
  [0, 3, 1, 2, 96],
  [0, 3, 1, 2, 96],
  [0, 3, 1, 2, 96],
  [0, 3, 1, 2, 96],
  [3, 0, 1, 4, 96],
  [3, 3, 2, 6, 128],
  [5, 5, 1, 4, 128],
  [0, 5, 1, 4, 128],
  [0, 5, 1, 3, 128],
  [0, 3, 1, 4, 128],
  [0, 3, 1, 4, 128],
];
