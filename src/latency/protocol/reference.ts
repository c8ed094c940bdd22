import { createRng } from '../../core/index.js';
import { buildNetwork, initialWeights } from '../../network/index.js';
import { parseArchitecture } from '../../space/index.js';
import type { Runnable } from '../platform/platform.js';

/** Name of the network that every session times with the others. Another network gets another name. */
export const REFERENCE_NAME = 'reference-1';

/**
 * MobileNetV3-Large at width 0.75 and 32×32: the kinds of layers that candidates have, about as long. A much
 * smaller one follows the machine less: bench/latency/README.md has the figures.
 */
const REFERENCE_TEXT =
  'nas1:32x32x3 cn_k3_s1_c16_hs ds_k3_s1_c16_re ir_k3_s2_e64_c24_re ir_k3_s1_e72_c24_re ' +
  'ir_k5_s2_e72_c32_se24_re ir_k5_s1_e96_c32_se24_re ir_k5_s1_e96_c32_se24_re ir_k3_s2_e192_c64_hs ' +
  'ir_k3_s1_e160_c64_hs ir_k3_s1_e144_c64_hs ir_k3_s1_e144_c64_hs ir_k3_s1_e384_c88_se96_hs ' +
  'ir_k3_s1_e528_c88_se136_hs ir_k5_s1_e528_c120_se136_hs ir_k5_s1_e720_c120_se184_hs ' +
  'ir_k5_s1_e720_c120_se184_hs cn_k1_s1_c720_hs gap fc_c1280_hs fc_c10_id';

let made: Runnable | undefined;

/** The reference network, with the same numbers each time; made once. */
export function referenceNetwork(): Runnable {
  if (made === undefined) {
    const network = buildNetwork(parseArchitecture(REFERENCE_TEXT));
    made = Object.freeze({ network, weights: initialWeights(network, createRng(REFERENCE_NAME)) });
  }
  return made;
}
