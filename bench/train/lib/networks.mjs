// The networks of the bench, and what another framework must know to build one.
import { buildNetwork } from '../../../dist/network/index.js';
import { formatArchitecture, parseArchitecture, presetArchitecture } from '../../../dist/space/index.js';

export const TASK = { input: [28, 28, 1], classes: 10 };

/** 45 154 parameters: the size of a network that a search on small pictures ends with. */
const TINY = [
  'nas1:28x28x1 cn_k3_s1_c16_hs ds_k3_s1_c16_re ir_k3_s2_e64_c24_re ir_k3_s1_e72_c24_re',
  'ir_k5_s2_e72_c40_se18_re ir_k5_s1_e120_c40_se30_hs cn_k1_s1_c128_hs gap fc_c10_id',
].join(' ');

const ARCHITECTURES = {
  tiny: () => parseArchitecture(TINY),
  small: () => presetArchitecture('mobilenet_v3_small', TASK),
  large: () => presetArchitecture('mobilenet_v3_large', TASK),
};

export const networkNames = Object.keys(ARCHITECTURES);

/** Name, text form, layers and parameters; all that both sides build from. */
export function describe(name) {
  const architecture = ARCHITECTURES[name]();
  const network = buildNetwork(architecture);
  return {
    name,
    text: formatArchitecture(architecture),
    layers: network.layers,
    parameters: network.parameters.map(({ name: parameter, shape }) => ({ name: parameter, shape })),
    params: network.layers.reduce((sum, layer) => sum + layer.params, 0),
  };
}
