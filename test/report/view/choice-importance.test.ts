import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/index.js';
import { choiceImportances } from '../../../src/report/view/choice-importance.js';
import type { Choice, Genome } from '../../../src/space/index.js';
import { frontier, type TrialRow } from '../../../src/trials/index.js';
import { row } from './fixtures.js';

const choices: readonly Choice[] = [
  { name: 'kernel', options: [3, 5] },
  { name: 'skip', options: ['id', 'no', 'pool'] },
];

function choiceImportance(rows: readonly TrialRow[], genomes: readonly Genome[], of = choices) {
  const byTrial = new Map(rows.map(({ trial }, i) => [trial, genomes[i] ?? []]));
  return choiceImportances(rows, byTrial, of, frontier(rows));
}

describe('the effect of a choice', () => {
  it('is the one-way analysis of variance, worked out by hand', () => {
    // kernel 3: 0.1, 0.3 (mean 0.2); kernel 5: 0.5, 0.9 (mean 0.7). SST 0.35, within 0.02 + 0.08 = 0.1 of 2 degrees.
    // ε² = 1 − (0.1 / 2) · (3 / 0.35).
    const rows = [row(1, 0.1, 1), row(2, 0.3, 2), row(3, 0.5, 3), row(4, 0.9, 5)];
    const [kernel] = choiceImportance(rows, [[0], [0], [1], [1]], choices.slice(0, 1));
    expect(kernel?.choice).toBe('kernel');
    expect(kernel?.importance).toBeCloseTo(1 - 0.05 * (3 / 0.35), 12);
    expect(kernel?.options.map(({ option, trials }) => [option, trials])).toEqual([
      ['3', 2],
      ['5', 2],
    ]);
    expect(kernel?.options[0]?.accuracy).toBeCloseTo(0.2, 12);
    expect(kernel?.options[1]?.accuracy).toBeCloseTo(0.7, 12);
    expect(kernel?.options.map(({ latencyMs }) => latencyMs)).toEqual([1.5, 4]);
    // s = 0.1·√2, t(1) = 12.706.
    expect(kernel?.options[0]?.accuracyHalf).toBeCloseTo((12.7062 * 0.1 * Math.SQRT2) / Math.SQRT2, 3);
  });

  it('is 1 where the option decides alone, and the choice comes first', () => {
    const rows = Array.from({ length: 12 }, (_, i) => row(i + 1, i % 2 === 0 ? 0.4 : 0.8, 1));
    const found = choiceImportance(
      rows,
      rows.map((_, i) => [i % 2, Math.floor(i / 2) % 3]),
    );
    expect(found.map(({ choice }) => choice)).toEqual(['kernel', 'skip']);
    expect(found[0]?.importance).toBe(1);
    expect(found[1]?.importance).toBe(0);
  });

  it('does not find importance in noise, however many options there are', () => {
    const rng = createRng('noise');
    const many: Choice[] = [{ name: 'many', options: Array.from({ length: 20 }, (_, i) => i) }];
    const found = Array.from({ length: 60 }, () => {
      const rows = Array.from({ length: 40 }, (_, i) => row(i + 1, 0.5 + 0.1 * rng.normal(), 1));
      return (
        choiceImportance(
          rows,
          rows.map(() => [rng.integer(20)]),
          many,
        )[0]?.importance ?? 0
      );
    });
    // η² would be near 19/39 on average.
    expect(found.reduce((sum, value) => sum + value, 0) / found.length).toBeLessThan(0.12);
  });

  it('recovers the shares of a sum of effects', () => {
    const rng = createRng('sum');
    const rows: TrialRow[] = [];
    const genomes: Genome[] = [];
    for (let i = 1; i <= 4000; i++) {
      const genome = [rng.integer(2), rng.integer(3)];
      genomes.push(genome);
      // Variances: 0.04² of kernel, 0.02² · 2/3 of skip, 0.03² of noise.
      const accuracy = 0.5 + 0.08 * genome[0]! + 0.02 * (genome[1]! - 1) + 0.03 * rng.normal();
      rows.push(row(i, accuracy, 1));
    }
    const [kernel, skip] = choiceImportance(rows, genomes);
    const all = 0.04 ** 2 + 0.02 ** 2 * (2 / 3) + 0.03 ** 2;
    expect(kernel?.importance).toBeCloseTo(0.04 ** 2 / all, 1);
    expect(skip?.importance).toBeCloseTo((0.02 ** 2 * (2 / 3)) / all, 1);
  });

  it('counts only sampled trials that were trained, and latencies of one device', () => {
    const rows = [
      row(1, 0.5, 1, { fingerprint: 'old' }),
      row(2, 0.7, 2),
      row(3, 0.9, 3, { kind: 'netadapt' }),
      row(4, 0.9, 3, { state: 'stopped', accuracy: null }),
    ];
    const [kernel] = choiceImportance(rows, [[0], [0], [0], [0]], choices.slice(0, 1));
    expect(kernel?.options[0]).toMatchObject({ trials: 2, accuracy: 0.6, latencyMs: 2 });
    expect(kernel?.options[1]).toEqual({
      option: '5',
      trials: 0,
      accuracy: null,
      accuracyHalf: null,
      latencyMs: null,
    });
    expect(kernel?.importance).toBe(0);
  });

  it('is nothing without trials, and leaves out genomes of another space', () => {
    expect(choiceImportance([], [])).toEqual([]);
    expect(choiceImportance([row(1, 0.5, 1)], [[0, 0, 0]])).toEqual([]);
  });
});
