import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareAccuracies, evaluated, trialComparison } from '../../src/report/index.js';
import { blockPairs } from '../../src/report/view/block-diff.js';
import { blockPairTable } from '../../src/report/terminal/tables/block-diff.js';
import { widthOf } from '../../src/report/terminal/text.js';
import { parseArchitecture, presetArchitecture, presetNames, searchSpace } from '../../src/space/index.js';
import { trialRow } from '../../src/trials/index.js';
import { createRng } from '../../src/core/index.js';
import type { TrialComparison } from '../../src/report/index.js';
import { expectGolden } from '../golden.js';
import { TEXT, trial, uncoloured } from './fixtures.js';

const task = { input: [28, 28, 1], classes: 10 } as const;
const other = TEXT.replace('ir_k3_s1_e200_c40_se56_hs', 'ir_k5_s1_e120_c40_hs').replace(' fc_c128_hs', '');

describe('blockPairs', () => {
  it('names what differs, and leaves a block that only one has alone', () => {
    const pairs = blockPairs(parseArchitecture(TEXT), parseArchitecture(other));
    const found = pairs.filter(({ a, b, differences }) => a === null || b === null || differences.length > 0);
    expect(found.map(({ a, b, differences }) => [a?.index, b?.index, differences])).toEqual([
      [
        4,
        4,
        [
          { what: 'kernel', a: '3×3', b: '5×5' },
          { what: 'expansion', a: '200', b: '120' },
          { what: 'SE', a: '56', b: 'none' },
        ],
      ],
      [7, undefined, []],
    ]);
  });

  it('of universal bottlenecks differ in both kernels, also where one is left out', () => {
    const [a, b] = ['ui_a5_k3', 'ui_k3'].map((head) =>
      parseArchitecture(`nas1:28x28x1 cn_k3_s1_c8_re ${head}_s1_e24_c16_re gap fc_c10_id`),
    );
    if (a === undefined || b === undefined) throw new Error('two networks');
    const pairs = blockPairs(a, b);
    expect(pairs.flatMap(({ differences }) => differences)).toEqual([
      { what: 'kernel', a: '5×5+3×3', b: '–+3×3' },
    ]);
    expect(blockPairTable(pairs, { width: 120, colour: false }).join('\n')).toContain('k 5+3→–+3');
  });

  it('of a network with itself have no difference', () => {
    for (const name of presetNames) {
      const one = presetArchitecture(name, task);
      const pairs = blockPairs(one, one);
      expect(pairs).toHaveLength(one.blocks.length);
      for (const { a, b, differences } of pairs) {
        expect(a?.index).toBe(b?.index);
        expect(differences).toEqual([]);
      }
    }
  });

  it('hold every block of both once and in order, the pooling next to the pooling', () => {
    const space = searchSpace('mobilenetv3', task);
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (first, second) => {
        const [a, b] = [first, second].map((seed) => space.decode(space.sample(createRng(String(seed)))));
        if (a === undefined || b === undefined) throw new Error('two seeds');
        const pairs = blockPairs(a, b);
        const indices = (side: 'a' | 'b') => pairs.flatMap((pair) => pair[side]?.index ?? []);
        expect(indices('a')).toEqual(a.blocks.map((_, index) => index));
        expect(indices('b')).toEqual(b.blocks.map((_, index) => index));
        for (const pair of pairs) {
          expect(pair.a ?? pair.b).not.toBeNull();
          if (pair.a?.block.kind === 'gap') expect(pair.b?.block.kind).toBe('gap');
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('compareAccuracies', () => {
  it('states a difference from 1.96 standard errors on', () => {
    const half = 1.96 * Math.sqrt((2 * 0.9 * 0.1) / 1000);
    const at = (accuracy: number) => evaluated(accuracy, 1000);
    expect(at(0.9).error).toBeCloseTo(Math.sqrt(0.09 / 1000), 12);
    expect(compareAccuracies(at(0.9), at(0.9 + 0.9 * half))).toBe('indistinguishable');
    expect(compareAccuracies(at(0.9 + 1.05 * half), at(0.9))).toBe('higher');
    expect(compareAccuracies(at(0.9), at(0.9 + 1.05 * half))).toBe('lower');
  });

  it('states nothing where the number of pictures is not known', () => {
    expect(compareAccuracies(evaluated(0.9, null), evaluated(0.1, 1000))).toBe('unknown');
  });
});

describe('trialComparison', () => {
  const [one, two] = [trial(3, 0.91, 2), { ...trial(7, 0.905, 2.2), text: other }];
  const timed = (medianMs: number) => ({
    ...{ source: 'measured' as const, medianMs, fingerprint: 'f' },
    ...{ lowMs: medianMs - 0.1, highMs: medianMs + 0.1 },
  });
  const comparison: TrialComparison = {
    a: trialRow(one),
    b: trialRow(two),
    accuracy: {
      verdict: 'indistinguishable',
      a: evaluated(0.91, 1000),
      b: evaluated(0.905, 1000),
      why: null,
    },
    latencies: [
      { platform: 'onnxruntime', verdict: 'indistinguishable', a: timed(2), b: timed(2.1), why: null },
      {
        platform: 'chromium:wasm',
        verdict: 'incomparable',
        a: timed(2),
        b: null,
        why: 'only A was timed there',
      },
    ],
    blocks: blockPairs(parseArchitecture(TEXT), parseArchitecture(other)),
    remarks: ['the studies train by different recipes'],
  };

  it('is printed as the golden files have it', () => {
    for (const width of [80, 120])
      expectGolden(
        `report/golden/compare-${width}.txt`,
        trialComparison(comparison, { width, colour: false }),
      );
  });

  it('fits its width and reads the same without colour, none of its data steering the terminal', () => {
    const hostile = {
      ...comparison,
      a: { ...comparison.a, study: 'x\u001b[31m\u202ey' },
      remarks: ['\u001b[2J'],
    };
    for (const width of [40, 60, 80, 100, 120]) {
      const text = trialComparison(hostile, { width, colour: false });
      expect(text).not.toMatch(/\u001b|\u202e/);
      for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(width, 56));
      expect(uncoloured(trialComparison(hostile, { width, colour: true }))).toBe(text);
    }
  });
});
