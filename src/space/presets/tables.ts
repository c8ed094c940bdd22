/** How squeezed widths follow when a preset is scaled. */
export type SqueezeRule =
  /** A quarter of the expansion, divisible by 8 (MobileNetV3 §5.3 and its code). */
  | 'expansion'
  /** A quarter of the block's input filters, rounded down (MnasNet's code). */
  | 'input';

export interface PresetTable {
  /** At 224×224×3 without the classifier, in the text form. */
  readonly blocks: string;
  readonly squeeze: SqueezeRule;
  /**
   * Width of the last layer before the classifier under a multiplier: `fixed` never scaled (MnasNet), `grows` not
   * shrunk below multiplier 1 (MobileNetV2 and V3), `scales` like any other (MobileNetV1).
   */
  readonly features: 'fixed' | 'grows' | 'scales';
}

const times = (count: number, block: string): string => Array.from({ length: count }, () => block).join(' ');

/** MobileNetV3 table 1. The first row expands nothing and so has no expansion convolution: kind `ds`. */
const V3_LARGE = `cn_k3_s2_c16_hs
  ds_k3_s1_c16_re
  ir_k3_s2_e64_c24_re ir_k3_s1_e72_c24_re
  ir_k5_s2_e72_c40_se24_re ${times(2, 'ir_k5_s1_e120_c40_se32_re')}
  ir_k3_s2_e240_c80_hs ir_k3_s1_e200_c80_hs ${times(2, 'ir_k3_s1_e184_c80_hs')}
  ir_k3_s1_e480_c112_se120_hs ir_k3_s1_e672_c112_se168_hs
  ir_k5_s2_e672_c160_se168_hs ${times(2, 'ir_k5_s1_e960_c160_se240_hs')}
  cn_k1_s1_c960_hs gap fc_c1280_hs`;

/** MobileNetV3 table 2 with head 1024 and without squeeze-and-excite on the last convolution, as in the released code. */
const V3_SMALL = `cn_k3_s2_c16_hs
  ds_k3_s2_c16_se8_re
  ir_k3_s2_e72_c24_re ir_k3_s1_e88_c24_re
  ir_k5_s2_e96_c40_se24_hs ${times(2, 'ir_k5_s1_e240_c40_se64_hs')}
  ir_k5_s1_e120_c48_se32_hs ir_k5_s1_e144_c48_se40_hs
  ir_k5_s2_e288_c96_se72_hs ${times(2, 'ir_k5_s1_e576_c96_se144_hs')}
  cn_k1_s1_c576_hs gap fc_c1024_hs`;

/** No squeeze-and-excite, no h-swish, no 5×5 (the README of MobileNetV3's released code). */
function minimalistic(blocks: string): string {
  return blocks
    .replace(/_se\d+/g, '')
    .replace(/_hs\b/g, '_re')
    .replace(/_k5_/g, '_k3_');
}

/** The released code of MnasNet; squeezed widths are a quarter of the block's input with a logistic gate. */
const MNASNET_A1 = `cn_k3_s2_c32_re
  ds_k3_s1_c16_re_noskip
  ir_k3_s2_e96_c24_re ir_k3_s1_e144_c24_re
  ir_k5_s2_e72_c40_se6sig_re ${times(2, 'ir_k5_s1_e120_c40_se10sig_re')}
  ir_k3_s2_e240_c80_re ${times(3, 'ir_k3_s1_e480_c80_re')}
  ir_k3_s1_e480_c112_se20sig_re ir_k3_s1_e672_c112_se28sig_re
  ir_k5_s2_e672_c160_se28sig_re ${times(2, 'ir_k5_s1_e960_c160_se40sig_re')}
  ir_k3_s1_e960_c320_re
  cn_k1_s1_c1280_re gap`;

const MNASNET_B1 = `cn_k3_s2_c32_re
  ds_k3_s1_c16_re_noskip
  ir_k3_s2_e48_c24_re ${times(2, 'ir_k3_s1_e72_c24_re')}
  ir_k5_s2_e72_c40_re ${times(2, 'ir_k5_s1_e120_c40_re')}
  ir_k5_s2_e240_c80_re ${times(2, 'ir_k5_s1_e480_c80_re')}
  ir_k3_s1_e480_c96_re ir_k3_s1_e576_c96_re
  ir_k5_s2_e576_c192_re ${times(3, 'ir_k5_s1_e1152_c192_re')}
  ir_k3_s1_e1152_c320_re_noskip
  cn_k1_s1_c1280_re gap`;

/** MobileNetV2 (arXiv 1801.04381) table 2. */
const V2 = `cn_k3_s2_c32_r6
  ds_k3_s1_c16_r6
  ir_k3_s2_e96_c24_r6 ir_k3_s1_e144_c24_r6
  ir_k3_s2_e144_c32_r6 ${times(2, 'ir_k3_s1_e192_c32_r6')}
  ir_k3_s2_e192_c64_r6 ${times(3, 'ir_k3_s1_e384_c64_r6')}
  ir_k3_s1_e384_c96_r6 ${times(2, 'ir_k3_s1_e576_c96_r6')}
  ir_k3_s2_e576_c160_r6 ${times(2, 'ir_k3_s1_e960_c160_r6')}
  ir_k3_s1_e960_c320_r6
  cn_k1_s1_c1280_r6 gap`;

const separable = (stride: 1 | 2, channels: number) => `ds_k3_s${stride}_c${channels}_re_pwre_noskip`;

/** MobileNetV1 (arXiv 1704.04861) table 1; it has no residual connections. */
const V1 = `cn_k3_s2_c32_re
  ${separable(1, 64)} ${separable(2, 128)} ${separable(1, 128)} ${separable(2, 256)} ${separable(1, 256)}
  ${separable(2, 512)} ${times(5, separable(1, 512))} ${separable(2, 1024)} ${separable(1, 1024)} gap`;

/**
 * MobileNetV4-Conv-Small (arXiv 2404.10518, table of appendix D). The first two stages are pairs of plain convolutions,
 * and the head's features are normalised in place of a bias, as in timm.
 */
const V4_CONV_SMALL = `cn_k3_s2_c32_re
  cn_k3_s2_c32_re_noskip cn_k1_s1_c32_re_noskip
  cn_k3_s2_c96_re cn_k1_s1_c64_re
  ui_a5_k5_s2_e192_c96_re ${times(4, 'ui_k3_s1_e192_c96_re')} ui_a3_s1_e384_c96_re
  ui_a3_k3_s2_e576_c128_re ui_a5_k5_s1_e512_c128_re ui_k5_s1_e512_c128_re ui_k5_s1_e384_c128_re
  ${times(2, 'ui_k3_s1_e512_c128_re')}
  cn_k1_s1_c960_re gap fc_c1280_bn_re`;

/**
 * Not published: pairs of dense 3×3 convolutions, the second of each residual, the classifier right behind the pooling. On
 * processors that reward few large operations, and for small pictures, it is more accurate in the same time than any
 * network of depthwise convolutions; so it is a baseline that a search must beat.
 */
const RESIDUAL_CONV = `cn_k3_s2_c16_re
  cn_k3_s2_c32_re cn_k3_s1_c32_re
  cn_k3_s2_c64_re cn_k3_s1_c64_re
  cn_k3_s2_c96_re cn_k3_s1_c96_re
  cn_k3_s2_c128_re cn_k3_s1_c128_re
  gap`;

export const PRESET_TABLES = {
  mobilenet_v3_large: { blocks: V3_LARGE, squeeze: 'expansion', features: 'grows' },
  mobilenet_v3_small: { blocks: V3_SMALL, squeeze: 'expansion', features: 'grows' },
  mobilenet_v3_large_minimalistic: {
    blocks: minimalistic(V3_LARGE),
    squeeze: 'expansion',
    features: 'grows',
  },
  mobilenet_v3_small_minimalistic: {
    blocks: minimalistic(V3_SMALL),
    squeeze: 'expansion',
    features: 'grows',
  },
  mnasnet_a1: { blocks: MNASNET_A1, squeeze: 'input', features: 'fixed' },
  mnasnet_b1: { blocks: MNASNET_B1, squeeze: 'input', features: 'fixed' },
  mobilenet_v2: { blocks: V2, squeeze: 'expansion', features: 'grows' },
  mobilenetv4_conv_small: { blocks: V4_CONV_SMALL, squeeze: 'expansion', features: 'grows' },
  mobilenet_v1: { blocks: V1, squeeze: 'expansion', features: 'scales' },
  residual_conv: { blocks: RESIDUAL_CONV, squeeze: 'expansion', features: 'scales' },
} as const satisfies Readonly<Record<string, PresetTable>>;
