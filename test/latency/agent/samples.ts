import { onnxModel } from '../../../src/export/index.js';
import { createRng } from '../../../src/core/index.js';
import { buildNetwork, initialWeights } from '../../../src/network/index.js';
import { parseArchitecture } from '../../../src/space/index.js';
import type { OnnxWriter } from '../../../src/latency/index.js';
import { modelOf } from '../../onnx/hostile.js';

export const TOKEN = 'a-token-of-enough-characters';
export const OTHER_TOKEN = 'another-token-of-the-same-sort';
export const SESSIONS = ['a', 'b'].map((digit) => digit.repeat(32)) as [string, string];

export const writer: OnnxWriter = ({ network, weights }, batch) =>
  onnxModel(network, weights, { batch, epsilon: 1e-3 });

/** A small network; another seed, another file. */
export function sample(seed = 'sample', side = 16) {
  const network = buildNetwork(
    parseArchitecture(`nas1:${side}x${side}x3 cn_k3_s2_c8_re ir_k3_s1_e16_c8_hs gap fc_c10_id`),
  );
  return { network, weights: initialWeights(network, createRng(seed)) };
}

/** A file as our exports may be, of 20,000 operators in a row that take some 10 ms each. */
export const endless = modelOf({
  nodes: Array.from({ length: 20_000 }, (_, at) => ['Sigmoid', at === 0 ? 'x' : `v${at - 1}`] as const),
  shape: [1, 1, 2048, 2048],
});

/** A valid ONNX file: one `Loop` of 2^62 turns around `Identity`. */
export const loop = Buffer.from(
  'CAg6igIKrgEKAW0KAmNjCgF4EgF5IgRMb29wKpgBCgRib2R5MowBChEKAWMSAmNvIghJZGVudGl0eQoRCgF2EgJ2byIISWRlbnRpdHkSAWJaCwoBaRIGCgQIBxIAWgsKAWMSBgoECAkSAFobCgF2EhYKFAgBEhAKAggBCgIIAwoCCCAKAgggYgwKAmNvEgYKBAgJEgBiHAoCdm8SFgoUCAESEAoCCAEKAggDCgIIIAoCCCCgAQUSAWcqDxAHQgFtSggAAAAAAAAAQCoJEAlCAmNjSgEBWhsKAXgSFgoUCAESEAoCCAEKAggDCgIIIAoCCCBiGwoBeRIWChQIARIQCgIIAQoCCAMKAgggCgIIIEIECgAQEQ==',
  'base64',
);
