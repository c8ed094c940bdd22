import { describe, expect, it } from 'vitest';
import { createRng, type Json } from '../../src/core/index.js';
import { createStrategy } from '../../src/search/index.js';
import { fakeSpace } from './fake-space.js';

const space = fakeSpace(6, 4);
const make = (saved?: Json) =>
  createStrategy('reinforce', { space, seed: '1', ...(saved === undefined ? {} : { saved }) });
const valueOf = (genome: readonly number[]) => genome.reduce((sum, gene) => sum + gene, 0) / 18;

/** Mean of what is found in the last of `trials`, for a reward from a genome. */
function search(trials: number, rewardOf: (genome: readonly number[]) => number, seed = 1) {
  const strategy = make();
  const rewards: number[] = [];
  for (let trial = 1; trial <= trials; trial++) {
    const [proposal] = strategy.ask(1, [], createRng(1000 * seed + trial));
    const reward = rewardOf(proposal!.genome);
    rewards.push(reward);
    strategy.tell([{ ...proposal!, trial, state: 'done', reward }]);
  }
  return { strategy, rewards };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('REINFORCE', () => {
  it('begins with equal probabilities', () => {
    for (const own of make().probabilities!()) expect(own).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('moves to what is rewarded, at any scale of the rewards', () => {
    for (const scale of [1, 1000]) {
      const late = [1, 2, 3].map((seed) => {
        const { rewards } = search(200, (genome) => scale * valueOf(genome), seed);
        return mean(rewards.slice(-40)) / scale;
      });
      // Chance has 0.5.
      expect(mean(late)).toBeGreaterThan(0.8);
    }
  });

  it('takes one step by the gradient of the log-probability times the advantage', () => {
    const strategy = make();
    const genome = [0, 1, 2, 3, 0, 1];
    const drawn = { genome, note: { drawn: 'policy' }, trial: 1, state: 'done' } as const;
    strategy.tell([{ ...drawn, reward: 1 }]);
    // The first reward is its own baseline.
    expect(strategy.probabilities!()[0]).toEqual([0.25, 0.25, 0.25, 0.25]);
    strategy.tell([{ ...drawn, reward: 2 }]);
    // Deviation √½ of two rewards 0 and 1 away from the baseline; step 0.3.
    const up = 0.3 * (1 / Math.sqrt(0.5)) * 0.75;
    const down = -0.3 * (1 / Math.sqrt(0.5)) * 0.25;
    const sum = Math.exp(up) + 3 * Math.exp(down);
    expect(strategy.probabilities!()[1]?.[1]).toBeCloseTo(Math.exp(up) / sum, 4);
    expect(strategy.probabilities!()[1]?.[0]).toBeCloseTo(Math.exp(down) / sum, 4);
  });

  it('learns nothing from what it did not draw, nor from trials without a reward', () => {
    const strategy = make();
    const before = strategy.save();
    const about = { genome: [0, 0, 0, 0, 0, 0], trial: 1 };
    strategy.tell([
      { ...about, note: { near: 'a preset' }, state: 'done', reward: 1 },
      { ...about, note: { drawn: 'policy' }, state: 'failed', reward: null },
    ]);
    expect(strategy.save()).toEqual(before);
  });

  it('refuses a saved state of another strategy, space or size', () => {
    const saved = make().save() as Record<string, unknown>;
    for (const bad of [
      { ...saved, strategy: 'ppo' },
      { ...saved, space: 'another' },
      { ...saved, logits: 'AAAA' },
      { ...saved, baseline: null },
    ])
      expect(() => make(bad as Json)).toThrow(expect.objectContaining({ code: 'NAS_STRATEGY_STATE' }));
  });
});
