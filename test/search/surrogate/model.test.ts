import { describe, expect, it } from 'vitest';
import { createRng, withoutPauses } from '../../../src/core/index.js';
import type { Observation } from '../../../src/search/strategies/observation.js';
import { bestOf } from '../../../src/search/strategies/surrogate/acquisition.js';
import { cholesky, solveLower, solveUpper } from '../../../src/search/strategies/surrogate/cholesky.js';
import { estimatesOf } from '../../../src/search/strategies/surrogate/estimates.js';
import { featuresOf } from '../../../src/search/strategies/surrogate/features.js';
import { distancesOf, posteriorOf } from '../../../src/search/strategies/surrogate/gaussian-process.js';
import { createModels } from '../../../src/search/strategies/surrogate/model.js';
import {
  expectedImprovement,
  normalDistribution,
  normalScores,
} from '../../../src/search/strategies/surrogate/normal.js';
import { fakeSpace } from '../fake-space.js';

describe('linear algebra', () => {
  it("has Cholesky's factor of a matrix worked out by hand, and solves by it", () => {
    // [[4, 2, 2], [2, 5, 3], [2, 3, 6]] = L·Lᵀ
    const factor = withoutPauses(cholesky(Float64Array.of(4, 2, 5, 2, 3, 6), 3));
    expect([...factor.lower]).toEqual([2, 1, 2, 1, 1, 2]);
    expect([...solveLower(factor, Float64Array.of(2, 3, 4))]).toEqual([1, 1, 1]);
    expect([...solveUpper(factor, Float64Array.of(4, 3, 2))]).toEqual([1, 1, 1]);
  });
});

describe('the normal distribution', () => {
  it('has the values of tables', () => {
    expect(normalDistribution(0)).toBeCloseTo(0.5, 6);
    expect(normalDistribution(1.96)).toBeCloseTo(0.975, 4);
    expect(normalDistribution(-1)).toBeCloseTo(0.158655, 5);
  });

  it('gives scores by rank, equal ones to equal values, however large the values', () => {
    const [low = 0, middle = 0, high = 0] = normalScores([-1e9, 2, 3]);
    expect(middle).toBeCloseTo(0, 3);
    expect(high).toBeCloseTo(0.967, 3);
    expect(low).toBeCloseTo(-high, 9);
    expect(new Set(normalScores([5, 5, 5])).size).toBe(1);
    expect(normalScores([])).toHaveLength(0);
  });

  it('has the expected improvement of its definition', () => {
    expect(expectedImprovement(1, 0, 3)).toBe(0);
    expect(expectedImprovement(4, 0, 3)).toBe(1);
    // 1/√(2π) where the mean is the best.
    expect(expectedImprovement(3, 1, 3)).toBeCloseTo(0.398942, 5);
    const rng = createRng(1);
    let sum = 0;
    for (let i = 0; i < 20_000; i++) sum += Math.max(0, 0.5 + 2 * rng.normal() - 1);
    expect(expectedImprovement(0.5, 2, 1)).toBeCloseTo(sum / 20_000, 1);
  });
});

const space = fakeSpace(6, 4);
const worth = (genome: readonly number[]): number => genome.reduce((sum, gene) => sum + gene, 0) / 20;
const observed = (count: number, noise: number): readonly Observation[] => {
  const rng = createRng('observed');
  return Array.from({ length: count }, () => {
    const genome = space.sample(rng);
    return { genome, score: worth(genome) + noise * rng.normal(), latency: 0.5 };
  });
};

describe('the Gaussian process', () => {
  it('is, of one point, what its formulas say', () => {
    const features = featuresOf(space);
    const [point, same] = [features.of([0, 0, 0, 0, 0, 0], 1), features.of([0, 0, 0, 0, 0, 0], 1)];
    const far = features.of([3, 3, 3, 3, 3, 3], 1);
    const posterior = withoutPauses(
      posteriorOf(features, [point], withoutPauses(distancesOf(features, [point])), Float64Array.of(2), {
        length: 1,
        noise: 0.25,
      }),
    );
    // Mean k·y / (1 + noise); variance y² / (1 + noise) · (1 − k² / (1 + noise)).
    const similarity = posterior.similarity(same);
    expect([...similarity]).toEqual([1]);
    expect(posterior.mean(similarity)).toBeCloseTo(1.6, 9);
    expect(posterior.means[0]).toBeCloseTo(1.6, 9);
    expect(posterior.deviation(similarity)).toBeCloseTo(Math.sqrt(3.2 * 0.2), 9);
    expect(posterior.mean(posterior.similarity(far))).toBeCloseTo(0, 1);
    expect(posterior.deviation(posterior.similarity(far))).toBeCloseTo(posterior.mostDeviation, 1);
  });

  it('orders networks that it has not seen', () => {
    const model = withoutPauses(createModels(space).of(observed(60, 0.01), []));
    const rng = createRng('unseen');
    const genomes = Array.from({ length: 100 }, () => space.sample(rng)).sort((a, b) => worth(a) - worth(b));
    const means = estimatesOf(model, genomes);
    const mean = (part: readonly number[]): number => part.reduce((sum, one) => sum + one, 0) / part.length;
    expect(mean(means.slice(0, 20))).toBeLessThan(mean(means.slice(40, 60)) - 0.3);
    expect(mean(means.slice(40, 60))).toBeLessThan(mean(means.slice(80)) - 0.3);
  });

  it('holds many observations, those of failed trainings and equal ones among them', () => {
    const many = [
      ...observed(400, 0.1),
      ...observed(5, 0).map((one) => ({ ...one, score: null })),
      ...observed(100, 0).map((one) => ({ ...one, score: 0.1 })),
    ];
    const model = withoutPauses(createModels(space).of(many, []));
    expect(model.rows.length).toBeLessThanOrEqual(150);
    expect(Number.isFinite(model.best)).toBe(true);
    expect(
      estimatesOf(
        model,
        many.map(({ genome }) => genome),
      ).every(Number.isFinite),
    ).toBe(true);
  });
});

describe('the estimate of a network', () => {
  it('is less moved by a lucky training than its accuracy is', () => {
    const honest = observed(80, 0).filter(({ genome }) => worth(genome) < 0.7);
    const [poor] = honest.toSorted((a, b) => worth(a.genome) - worth(b.genome));
    const good = honest.toSorted((a, b) => worth(b.genome) - worth(a.genome))[0];
    if (poor === undefined || good === undefined) throw new Error('no observations');
    const lucky = honest.map((one) => (one === poor ? { ...one, score: (good.score ?? 0) + 0.001 } : one));
    const model = withoutPauses(createModels(space).of(lucky, []));
    const [ofPoor = 0, ofGood = 0] = estimatesOf(model, [poor.genome, good.genome]);
    expect(ofGood).toBeGreaterThan(ofPoor);
  });
});

describe('candidates', () => {
  it('come in the order of their expected improvement, whatever is left out as hopeless', () => {
    const model = withoutPauses(createModels(space).of(observed(30, 0.05), []));
    const rng = createRng('candidates');
    const candidates = Array.from({ length: 300 }, () => ({ genome: space.sample(rng), latency: 0.5 }));
    const { features, posterior, best } = model;
    const all = candidates
      .map(({ genome, latency }) => {
        const similarity = posterior.similarity(features.of(genome, latency));
        return expectedImprovement(posterior.mean(similarity), posterior.deviation(similarity), best);
      })
      .sort((a, b) => b - a);
    const found = withoutPauses(bestOf(model, candidates, 12)).map(({ improvement }) => improvement);
    expect(found).toEqual(all.slice(0, 12));
  });

  it('are other ones where networks are pending', () => {
    const models = createModels(space);
    const trials = observed(30, 0.05);
    const rng = createRng('pending');
    const candidates = Array.from({ length: 300 }, () => ({ genome: space.sample(rng), latency: 0.5 }));
    const [first] = withoutPauses(bestOf(withoutPauses(models.of(trials, [])), candidates, 1));
    if (first === undefined) throw new Error('no candidate');
    const pending = [{ genome: first.genome, latency: 0.5 }];
    const [again] = withoutPauses(bestOf(withoutPauses(models.of(trials, pending)), [...pending], 1));
    expect(again?.improvement).toBeLessThan(first.improvement);
  });
});
