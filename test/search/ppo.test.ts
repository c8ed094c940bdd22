import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { adamStep, type Moments } from '../../src/search/strategies/ppo/adam.js';
import { createController } from '../../src/search/strategies/ppo/controller.js';
import { logProbabilities, ppoLoss, type Sample } from '../../src/search/strategies/ppo/objective.js';
import { createStrategy } from '../../src/search/index.js';
import type { Genome } from '../../src/space/index.js';
import { fakeSpace } from './fake-space.js';

const options = [3, 2, 1, 4];
const hidden = 5;
const controller = createController(options, hidden);

describe('the controller', () => {
  it('has one start vector, embeddings, an LSTM and one head a choice', () => {
    const tokens = 3 + 2 + 1 + 4;
    expect(controller.parameters).toBe(
      hidden + tokens * hidden + 4 * hidden * 2 * hidden + 4 * hidden + tokens * (hidden + 1),
    );
  });

  it('starts uniform in (−0.1, 0.1) with nearly even probabilities', () => {
    const weights = controller.initial(createRng(1));
    expect(Math.max(...weights)).toBeLessThan(0.1);
    expect(Math.min(...weights)).toBeGreaterThan(-0.1);
    expect(new Set(weights).size).toBeGreaterThan(weights.length * 0.99);
    const { steps } = controller.run(weights, () => 0);
    expect(steps.map((step) => step.probabilities.length)).toEqual(options);
    for (const { probabilities } of steps) {
      expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      for (const p of probabilities) expect(Math.abs(p * probabilities.length - 1)).toBeLessThan(0.2);
    }
  });

  it('lets later choices depend on earlier tokens', () => {
    const weights = controller.initial(createRng(1)).map((weight) => 10 * weight);
    const last = (token: number) =>
      controller.run(weights, (t) => (t === 0 ? token : 0)).steps[3]!.probabilities;
    expect(last(0)).not.toEqual(last(1));
  });
});

describe('the gradient of the PPO objective', () => {
  /** Samples drawn from other weights than the present, so that ratios differ from 1 and some are clipped. */
  function samples(clip: number): { weights: Float64Array; drawn: Sample[]; clipped: number } {
    const rng = createRng('gradient');
    const weights = controller.initial(rng.fork('now')).map((weight) => 8 * weight);
    const old = weights.map((weight) => weight + 0.05 * rng.normal());
    let clipped = 0;
    const drawn = [0.7, -0.4, 1.3, -1].map((advantage) => {
      const trace = controller.run(old, (t) => rng.integer(options[t]!));
      const genome = trace.steps.map((step) => step.token);
      const logp = logProbabilities(trace);
      const present = logProbabilities(controller.run(weights, (t) => genome[t]!));
      clipped += present.filter((p, t) => {
        const ratio = Math.exp(p - logp[t]!);
        return advantage > 0 ? ratio > 1 + clip : ratio < 1 - clip;
      }).length;
      return { genome, logp, advantage };
    });
    return { weights, drawn, clipped };
  }

  it.each([
    [0.2, 0.01],
    [0.02, 0],
    [0.2, 1],
  ])('agrees with finite differences for every parameter: clip %f, entropy %f', (clip, entropy) => {
    const { weights, drawn, clipped } = samples(clip);
    if (clip < 0.1) expect(clipped).toBeGreaterThan(0);
    const settings = { clip, entropy };
    const gradient = new Float64Array(controller.parameters);
    ppoLoss(controller, weights, drawn, settings, gradient);
    const lossAt = (i: number, by: number): number => {
      const moved = weights.slice();
      moved[i] = moved[i]! + by;
      return ppoLoss(controller, moved, drawn, settings, new Float64Array(controller.parameters));
    };
    const h = 1e-5;
    for (let i = 0; i < controller.parameters; i++) {
      const difference = (lossAt(i, h) - lossAt(i, -h)) / (2 * h);
      expect(Math.abs(gradient[i]! - difference), `parameter ${i}`).toBeLessThan(
        1e-7 + 1e-5 * Math.abs(difference),
      );
    }
    expect(gradient.filter((g) => g !== 0).length).toBeGreaterThan(controller.parameters / 2);
  });

  it('is zero for a token whose ratio has left the clip in the rewarded direction', () => {
    const weights = controller.initial(createRng(2));
    const genome = [0, 1, 0, 2];
    const present = logProbabilities(controller.run(weights, (t) => genome[t]!));
    const gradientOf = (shift: number, advantage: number) => {
      const gradient = new Float64Array(controller.parameters);
      const logp = present.map((p) => p - shift);
      ppoLoss(controller, weights, [{ genome, logp, advantage }], { clip: 0.2, entropy: 0 }, gradient);
      return gradient.some((g) => g !== 0);
    };
    expect(gradientOf(0.5, 1)).toBe(false);
    expect(gradientOf(-0.5, -1)).toBe(false);
    expect(gradientOf(0.5, -1)).toBe(true);
    expect(gradientOf(-0.5, 1)).toBe(true);
  });
});

describe('Adam', () => {
  it('takes a first step of the learning rate against the sign of the gradient', () => {
    const weights = Float64Array.from([1, 1, 1]);
    const moments = { first: new Float64Array(3), second: new Float64Array(3), step: 0 };
    const next = adamStep(weights, Float64Array.from([5, -0.01, 0]), moments, 0.1);
    expect(next.step).toBe(1);
    [0.9, 1.1, 1].forEach((value, i) => {
      expect(weights[i]).toBeCloseTo(value, 5);
    });
  });

  it('finds the minimum of a bowl', () => {
    const weights = Float64Array.from([3, -2]);
    let moments: Moments = { first: new Float64Array(2), second: new Float64Array(2), step: 0 };
    for (let i = 0; i < 400; i++)
      moments = adamStep(
        weights,
        Float64Array.from([weights[0]! - 1, 10 * (weights[1]! - 1)]),
        moments,
        0.05,
      );
    expect(weights[0]).toBeCloseTo(1, 2);
    expect(weights[1]).toBeCloseTo(1, 2);
  });
});

describe('ppo', () => {
  /** Genes that agree with a secret, with pairs that count only together. */
  const space = fakeSpace(8, 4);
  const secret = [3, 0, 2, 1, 1, 3, 0, 2];
  const worth = (genome: Genome): number => {
    const hits = genome.map((gene, i) => (gene === secret[i] ? 1 : 0));
    const pairs = [0, 2, 4, 6].filter((i) => hits[i] === 1 && hits[i + 1] === 1).length;
    return 0.6 + 0.02 * hits.reduce<number>((a, b) => a + b, 0) + 0.03 * pairs;
  };
  const meanOfLast = (name: string, seed: number, trials: number): { late: number; best: number } => {
    const strategy = createStrategy(name, {
      space,
      seed: String(seed),
      settings: { ppo: { hidden: 16 } },
    });
    const worths: number[] = [];
    for (let trial = 1; trial <= trials; trial++) {
      const [proposal] = strategy.ask(1, [], createRng(seed).fork(trial));
      const reward = worth(proposal!.genome);
      worths.push(reward);
      strategy.tell([{ ...proposal!, trial, reward, state: 'done' }]);
    }
    const late = worths.slice(-30);
    return { late: late.reduce((a, b) => a + b) / late.length, best: Math.max(...worths) };
  };

  it('beats random sampling on a space of 65,536 within 300 trials, for every one of 3 seeds', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const [ppo, random] = [meanOfLast('ppo', seed, 300), meanOfLast('random', seed, 300)];
      expect(ppo.late - random.late, `seed ${seed}`).toBeGreaterThan(0.06);
      expect(ppo.best, `seed ${seed}`).toBeGreaterThan(random.best);
    }
  });

  it('has a state of fixed size, small enough to save with every trial', () => {
    const large = createStrategy('ppo', { space: fakeSpace(40, 7), seed: '1' });
    expect(JSON.stringify(large.save()).length).toBeLessThan(4e6);
  });
});
