import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { onnxModel, type OnnxOptions } from '../../src/export/index.js';
import { buildNetwork, initialWeights } from '../../src/network/index.js';
import { checkModel, OPERATOR_NAMES } from '../../src/onnx/index.js';
import { modelType } from '../../src/onnx/format.js';
import { parseArchitecture } from '../../src/space/index.js';
import { attacked } from '../durability.js';
import { HOSTILE, modelOf } from './hostile.js';

const bounds = { valueBytes: 2 ** 28 };

function exported(text: string, options: Partial<OnnxOptions> = {}): Uint8Array {
  const network = buildNetwork(parseArchitecture(text));
  return onnxModel(network, initialWeights(network, createRng('check')), {
    batch: 1,
    epsilon: 1e-3,
    ...options,
  });
}

const ALL =
  'nas1:30x40x3 cn_k3_s2_c16_hs ds_k5_s1_c8_se4sig_re_pwr6_noskip ir_k7_s2_e72_c40_se24_r6_skippool ' +
  'ir_k3_s1_e80_c40_se20_hs gap fc_c64_hs fc_c10_id';
const LAST = buildNetwork(parseArchitecture(ALL)).layers.at(-1)?.name ?? '';
const mean = [0.4, 0.5, 0.6];
/** Every kind of block, activation, output and input that an export may have. */
const EXPORTS: Readonly<Record<string, Uint8Array>> = {
  plain: exported(ALL),
  'free batch': exported(ALL, { batch: 'N' }),
  'batch of 64': exported(ALL, { batch: 64 }),
  clip: exported(ALL, { gate: 'clip' }),
  bytes: exported(ALL, { pixels: { kind: 'bytes', mean, deviation: mean } }),
  unit: exported(ALL, { pixels: { kind: 'unit', mean, deviation: mean } }),
  outputs: exported(ALL, { outputs: ['logits', LAST, 'probabilities', 'c1', 'c2', '0.conv'] }),
  'large map': exported('nas1:640x640x3 cn_k3_s1_c4_re gap fc_c3_id'),
  int8: exported(ALL, { int8: 'assumed', outputs: ['logits', 'c2'] }),
  'int8, parts in float': exported(ALL, {
    int8: { range: () => ({ low: -1, high: 1 }), float: new Set(['0.conv', '3.se']) },
    pixels: { kind: 'bytes', mean, deviation: mean },
  }),
  metadata: exported(ALL, { metadata: { classes: 'Rosé, Nelke '.repeat(1000) } }),
};

describe('a file from outside', () => {
  it.each(Object.entries(EXPORTS))('is taken where our export wrote it: %s', (_, bytes) => {
    expect(checkModel(bytes, bounds)).toBeNull();
  });

  it('may have the operators of our exports, no more and no fewer', () => {
    const used = Object.values(EXPORTS).flatMap((bytes) => {
      const { graph } = modelType().toObject(modelType().decode(bytes)) as {
        graph: { node: { opType: string }[] };
      };
      return graph.node.map(({ opType }) => opType);
    });
    expect([...new Set(used)].sort()).toEqual([...OPERATOR_NAMES].sort());
  });

  it.each(Object.entries(HOSTILE))('is refused in a short line: %s', (_, bytes) => {
    attacked('inputs', {}, () => {
      expect(checkModel(bytes, bounds)).toMatch(/^[\x20-\x7e×]{10,300}$/);
    });
  });

  it('has its values measured against what is allowed', () => {
    const bytes = modelOf({ nodes: [['Relu', 'x']], shape: [1, 1, 512, 512] });
    expect(checkModel(bytes, { valueBytes: 2 ** 20 })).toBeNull();
    expect(checkModel(bytes, { valueBytes: 2 ** 20 - 1 })).toMatch(
      /value x of 1×1×512×512 elements, 1 MiB; at most/,
    );
  });

  it('never makes the check throw, with any change in it', () => {
    const rng = createRng('files');
    const originals = [
      ...Object.values(EXPORTS),
      ...Object.values(HOSTILE).filter(({ length }) => length < 1e5),
    ];
    let refused = 0;
    for (let round = 0; round < 600; round++) {
      const original = originals[rng.integer(originals.length)] ?? new Uint8Array();
      const bytes = Uint8Array.from(
        round % 3 === 0 ? original.subarray(0, rng.integer(original.length + 1)) : original,
      );
      // The graph's structure lies at both ends, weights between them.
      for (let change = 0; bytes.length > 0 && change < 1 + rng.integer(6); change++) {
        const near = rng.integer(Math.min(bytes.length, 2000));
        bytes[rng.integer(2) === 0 ? near : bytes.length - 1 - near] = rng.integer(256);
      }
      attacked('inputs', { seed: 'files' }, () => {
        const problem = checkModel(bytes, bounds);
        if (problem === null) return;
        refused++;
        expect(problem.length).toBeGreaterThan(0);
      });
    }
    expect(refused).toBeGreaterThan(200);
  });
});
