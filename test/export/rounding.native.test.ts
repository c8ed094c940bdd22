import { describe, expect, it } from 'vitest';
import { computesOtherwise } from '../../src/app/study/differing.js';
import { allowance, nudged } from '../../src/app/export/rounding.js';
import { requireStoredAccuracy, undecidedPictures } from '../../src/app/export/stored-accuracy.js';
import { createRng, ratio } from '../../src/core/index.js';
import { onnxModel, relativeError } from '../../src/export/index.js';
import { buildNetwork, initialWeights, type Weights } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { forward } from '../network/forward.js';
import { picture, trained } from '../network/samples.js';
import { runOnnx } from './onnx-run.js';
import { sampleOf } from './samples.js';

const BLOCKS =
  'cn_k3_s2_c8_hs ds_k3_s2_c8_se4_r6 ir_k5_s2_e24_c12_se8_hs ir_k3_s1_e24_c12_re ir_k3_s2_e32_c16_hs cn_k1_s1_c32_hs gap fc_c5_id';
const at = (side: number) => parseArchitecture(`nas1:${side}x${side}x3 ${BLOCKS}`);

describe('what rounding may do to an export', { timeout: 120_000 }, () => {
  const kinds: readonly (readonly [string, (side: number) => Weights])[] = [
    ['freshly initialised', (side) => initialWeights(buildNetwork(at(side)), createRng('fresh'))],
    ['trained', (side) => trained(at(side)).weights],
    // Batch normalisation that a few steps have hardly moved, and a classifier that answers the same for every class.
    ['trained for a few steps', (side) => fewSteps(initialWeights(buildNetwork(at(side)), createRng('few')))],
  ];
  const cases = kinds.flatMap(([kind, weights]) =>
    [28, 96, 224, 720].map((side) => [kind, side, weights] as const),
  );

  it.each(cases)(
    'covers what ONNX Runtime does to a network %s at %d px, and little more',
    async (_, side, make) => {
      const network = buildNetwork(at(side));
      const weights = make(side);
      const input = picture(network);
      const { logits } = await runOnnx(
        onnxModel(network, weights, { epsilon: 1e-3, batch: 1 }),
        [input],
        network,
      );
      const expected = Float32Array.from(forward(network, weights, input));
      const shaken = Float32Array.from(forward(network, nudged(weights), input));
      const allowed = allowance(expected, shaken);
      expect(relativeError(logits!.values, expected)).toBeLessThan(allowed);
      // A weight that is wrong in its third digit is still seen.
      const wrong = new Map(weights);
      wrong.set(
        '0.conv.kernel',
        weights.get('0.conv.kernel')!.map((value) => value * 1.01),
      );
      const other = Float32Array.from(forward(network, wrong, input));
      expect(relativeError(other, expected)).toBeGreaterThan(allowed);
    },
  );
});

function fewSteps(weights: Weights): Weights {
  const rng = createRng('steps');
  return new Map(
    [...weights].map(([name, values]) => [
      name,
      values.map((value) =>
        name.endsWith('.mean') ? 0.1 * rng.normal() : value + 0.02 * Math.abs(rng.normal()),
      ),
    ]),
  );
}

describe('the stored accuracy', () => {
  const sample = { ...sampleOf(at(28)), accuracy: ratio(0.5) };
  /** Four pictures of two classes, the right one always the first: two clearly right, two on the edge and wrong. */
  const logits = Float32Array.of(2, 1, 3, 1, 1, 1.0000001, 1, 1.0000002);
  const examples = { count: 4, labels: Uint16Array.of(0, 0, 0, 0) };
  const same = () => Promise.resolve(logits);

  it('is met by pictures that rounding may have decided otherwise', async () => {
    const known = { ...sample, accuracy: ratio(1) };
    expect(await requireStoredAccuracy(logits, examples, known, same)).toMatchObject({
      correct: 2,
      count: 4,
    });
    expect([...undecidedPictures(logits, logits, examples.labels, 4)]).toEqual([2, 3]);
  });

  it('is not met by pictures that are clearly wrong, and the error counts and advises', async () => {
    const clear = Float32Array.of(2, 1, 3, 1, 1, 2, 1, 1.0000002);
    const known = { ...sample, accuracy: ratio(1) };
    await expect(
      requireStoredAccuracy(clear, examples, known, () => Promise.resolve(clear)),
    ).rejects.toMatchObject({
      code: 'NAS_EXPORT_DIFFERS',
      found: 'the exported network has 2 of 4 pictures right; 1 of them so close that rounding decides',
      expected: '4 (100.00 %), as trial 17 had',
      fix: expect.stringMatching(/nas retrain 17.*else report this/) as string,
    });
  });

  it('is not looked into where it is met', async () => {
    const never = () => Promise.reject(new Error('asked for'));
    expect(await requireStoredAccuracy(logits, examples, sample, never)).toMatchObject({ correct: 2 });
  });
});

it('a difference is reported by picture, class, size and what is allowed', () => {
  const sample = sampleOf(at(28));
  const expected = Float32Array.of(1, 2, 3, 4, 5, 1, 2, 3, 4, 5);
  const found = Float32Array.of(1, 2, 3, 4, 5, 1, 2, 3.5, 4, 5);
  const error = computesOtherwise(
    { by: "ONNX Runtime's", output: 'logits', found, expected, count: 2, difference: 0.1, allowed: 1e-4 },
    sample,
  );
  expect(error.found).toBe(
    "ONNX Runtime's logits differ from our forward pass by 1.0e-1 of their largest (picture 2, class class 2: 3.50000 instead of 3.00000)",
  );
  expect(error.expected).toMatch(/^1\.0e-4 at most/);
});
