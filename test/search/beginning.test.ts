import { describe, expect, it } from 'vitest';
import { createRng, withoutPauses } from '../../src/core/index.js';
import { beginning } from '../../src/search/strategies/surrogate/beginning.js';
import type { LatencyOf } from '../../src/search/index.js';
import { maddsOf, type Genome } from '../../src/space/index.js';
import { fakeSpace } from './fake-space.js';

const space = fakeSpace(8, 6);
const sumOf = (genome: Genome): number => genome.reduce((a, b) => a + b, 0);
/** Of the same latency for all the widths of the second half: what computes most there is free. */
const latencyOf: LatencyOf = (genome) => {
  const median = sumOf(genome.slice(0, 4)) / 10;
  return { median, low: median, high: median };
};
const proposals = (known: LatencyOf, count = 60): Genome[] =>
  Array.from({ length: count }, (_, i) => withoutPauses(beginning(space, createRng(String(i)), known)));
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const madds = (genomes: readonly Genome[]): number =>
  mean(genomes.map((genome) => maddsOf(space.decode(genome))));

describe('the beginning of a surrogate search', () => {
  it('is within the target, and larger than random networks that are', () => {
    const made = proposals(latencyOf);
    for (const genome of made) expect(latencyOf(genome)?.median).toBeLessThanOrEqual(1);
    const rng = createRng('random');
    const random = Array.from({ length: 500 }, () => space.sample(rng)).filter(
      (genome) => (latencyOf(genome)?.median ?? 0) <= 1,
    );
    expect(madds(made)).toBeGreaterThan(1.1 * madds(random));
    expect(new Set(made.map(String)).size).toBeGreaterThan(55);
  });

  it('is mostly near the networks that the search was given, the best of them most often', () => {
    const given = [
      [5, 5, 0, 0, 5, 5, 5, 5],
      [0, 0, 5, 5, 0, 0, 0, 0],
    ];
    const shared = (a: Genome, b: Genome) => a.filter((gene, i) => gene === b[i]).length;
    const made = Array.from({ length: 200 }, (_, i) =>
      withoutPauses(beginning(space, createRng(String(i)), latencyOf, given)),
    );
    const near = given.map((one) => made.filter((genome) => shared(genome, one) >= 5).length);
    expect(near[0]).toBeGreaterThan(near[1] ?? 0);
    expect(near[1]).toBeGreaterThan(10);
    expect((near[0] ?? 0) + (near[1] ?? 0)).toBeGreaterThan(90);
    expect((near[0] ?? 0) + (near[1] ?? 0)).toBeLessThan(160);
    for (const genome of made) expect(latencyOf(genome)?.median).toBeLessThanOrEqual(1);
  });

  it('is random where nothing is predicted, and the nearest where none is within', () => {
    const unknown = proposals(() => null);
    expect(mean(unknown.map(sumOf))).toBeGreaterThan(17);
    expect(mean(unknown.map(sumOf))).toBeLessThan(23);
    const tooSlow: LatencyOf = (genome) => {
      const median = 2 + sumOf(genome);
      return { median, low: median, high: median };
    };
    expect(mean(proposals(tooSlow).map(sumOf))).toBeLessThan(14);
  });

  it('takes a space that decodes nothing', () => {
    const mute = {
      ...space,
      decode: () => {
        throw new Error('no network');
      },
    };
    const genome = withoutPauses(beginning(mute, createRng('1'), latencyOf));
    expect(latencyOf(genome)?.median).toBeLessThanOrEqual(1);
  });
});
