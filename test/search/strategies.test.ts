import { describe, expect, it } from 'vitest';
import { createRng, type Json, type JsonObject } from '../../src/core/index.js';
import { createStrategy, STRATEGY_NAMES, type LatencyOf, type Strategy } from '../../src/search/index.js';
import { describeStrategy } from '../../src/testing/index.js';
import { unpackObservations } from '../../src/search/strategies/packed.js';
import { fakeSpace } from './fake-space.js';

const space = fakeSpace(5, 3);
/** Of one genome, of a handful, and of ten million million. */
const SPACES = [fakeSpace(2, 1), fakeSpace(1, 3), space, fakeSpace(13, 10)];
const SMALL = { ppo: { hidden: 12 }, surrogate: { mutations: 30, random: 10, climbing: 2 } };
/** All but the one that proposes nothing. */
for (const name of STRATEGY_NAMES.filter((one) => one !== 'scale'))
  for (const one of SPACES)
    describeStrategy(`${name} in a space of ${one.size}`, {
      space: one,
      make: (seed, saved = null) => createStrategy(name, { space: one, seed, saved, settings: SMALL }),
    });

describe.each(['evolution', 'nsga2', 'surrogate'])('%s', (name) => {
  const all = fakeSpace(8, 6);
  const sumOf = (genome: readonly number[]): number => genome.reduce((a, b) => a + b, 0);
  /** Of all within the target: the first four choices at their most, the others at their least. */
  const BEST = 0.8;
  /** The more of every choice the more accurate and the slower; the target is at a half of the most. */
  const latencyOf = (genome: readonly number[]) => {
    const median = sumOf(genome) / 20;
    return { median, low: median, high: median };
  };
  const search = (
    trials: number,
    predicted: LatencyOf | undefined,
    failing = (): boolean => false,
    seed = 1,
  ) => {
    const strategy = createStrategy(name, { space: all, seed: '1' });
    const asked: { genome: readonly number[]; latency: number; accuracy: number }[] = [];
    for (let trial = 1; trial <= trials; trial++) {
      const [proposal] = strategy.ask(1, [], createRng(trial + 1000 * (seed - 1)), predicted);
      const { genome } = proposal!;
      const latency = latencyOf(genome).median;
      const weighted = genome.reduce((sum, gene, i) => sum + gene * (i < 4 ? 2 : 0.5), 0);
      const accuracy = weighted / 50;
      asked.push({ genome, latency, accuracy });
      const ms = { platform: 'any', medianMs: latency, lowMs: latency, highMs: latency, targetMs: 1 };
      strategy.tell([
        failing()
          ? { ...proposal!, trial, state: 'failed', reward: null }
          : { ...proposal!, trial, state: 'done', reward: 0, accuracy, latencies: [ms] },
      ]);
    }
    return asked;
  };
  const best = (asked: ReturnType<typeof search>): number =>
    Math.max(...asked.filter(({ latency }) => latency <= 1).map(({ accuracy }) => accuracy));

  it('proposes what is predicted within the target, and finds more there than chance does', () => {
    // A model's proposals take longer, and vary less.
    const seeds = name === 'surrogate' ? [1] : [1, 2, 3, 4, 5];
    const searches = seeds.map((seed) => search(150, latencyOf, undefined, seed));
    expect(searches.flat().filter(({ latency }) => latency > 1)).toEqual([]);
    const rng = createRng('chance');
    const chance = Array.from({ length: 90 }, () => all.sample(rng)).filter((genome) => sumOf(genome) <= 20);
    const lucky = Math.max(
      ...chance.map((one) => one.reduce((s, gene, i) => s + gene * (i < 4 ? 2 : 0.5), 0) / 50),
    );
    const mean = searches.reduce((sum, asked) => sum + best(asked), 0) / searches.length;
    expect(mean).toBeGreaterThan(lucky + 0.03);
  });

  it('learns the target from measured latencies where nothing is predicted', () => {
    const asked = search(120, undefined);
    const within = (part: ReturnType<typeof search>): number =>
      part.filter(({ latency }) => latency <= 1).length / part.length;
    expect(within(asked.slice(60))).toBeGreaterThan(0.5);
    // Unless the best of all was among the first.
    const early = best(asked.slice(0, 30));
    if (early < BEST) expect(best(asked)).toBeGreaterThan(early);
    else expect(early).toBe(BEST);
  });

  it('proposes on when every trial fails', () => {
    expect(search(40, latencyOf, () => true)).toHaveLength(40);
  });

  it('refuses a saved state of another space, strategy or of broken texts', () => {
    const saved = createStrategy(name, { space: all, seed: '1' }).save() as Record<string, unknown>;
    const key = name === 'surrogate' ? 'observations' : 'population';
    const code = { code: 'NAS_STRATEGY_STATE' };
    for (const bad of [
      7,
      { ...saved, strategy: 'ppo' },
      { ...saved, [key]: ['AAAA'] },
      { ...saved, [key]: 3 },
    ])
      expect(() => createStrategy(name, { space: all, seed: '1', saved: bad as never })).toThrow(
        expect.objectContaining(code),
      );
    expect(() => createStrategy(name, { space, seed: '1', saved: saved as never })).toThrow(
      expect.objectContaining(code),
    );
  });
});

describe('surrogate', () => {
  it('begins near a network that the search was given, also after it was restored', () => {
    const wide = fakeSpace(8, 6);
    const genome = [5, 4, 3, 2, 1, 0, 1, 2];
    const strategy = createStrategy('surrogate', { space: wide, seed: '1' });
    const about = { trial: 1, reward: 0.5, accuracy: 0.5, state: 'done' } as const;
    strategy.tell([{ ...about, genome, note: { near: 'a preset' } }]);
    const restored = createStrategy('surrogate', {
      ...{ space: wide, seed: '1' },
      saved: JSON.parse(JSON.stringify(strategy.save())) as Json,
    });
    const asked = (one: Strategy) =>
      Array.from({ length: 40 }, (_, i) => one.ask(1, [], createRng(i))[0]?.genome ?? []);
    const near = asked(strategy).filter((other) => other.filter((gene, i) => gene === genome[i]).length >= 5);
    expect(near.length).toBeGreaterThan(12);
    expect(asked(restored)).toEqual(asked(strategy));
    const own = createStrategy('surrogate', { space: wide, seed: '1' });
    own.tell([{ ...about, genome, note: null }]);
    expect(own.save()).not.toHaveProperty('given');
    expect(() =>
      createStrategy('surrogate', {
        ...{ space: wide, seed: '1' },
        saved: { ...(strategy.save() as JsonObject), given: [[9]] },
      }),
    ).toThrow(expect.objectContaining({ code: 'NAS_STRATEGY_STATE' }));
  });
});

describe('nsga2', () => {
  const all = fakeSpace(4, 5);
  const saved = (trials: readonly (readonly [number, number])[]) => {
    const strategy = createStrategy('nsga2', {
      space: all,
      seed: '1',
      settings: { nsga2: { population: 3 } },
    });
    for (const [i, [accuracy, medianMs]] of trials.entries()) {
      const latency = { platform: 'any', medianMs, lowMs: medianMs, highMs: medianMs, targetMs: 1 };
      const genome = [i, 0, 0, 0];
      strategy.tell([
        { genome, note: null, trial: i + 1, state: 'done', reward: 0, accuracy, latencies: [latency] },
      ]);
    }
    const { population } = strategy.save() as { population: string[] };
    return (unpackObservations(population, all) ?? []).map(({ genome }) => genome[0]).sort();
  };

  it('keeps what no other one beats in accuracy and in latency', () => {
    const beaten = [0.5, 0.6] as const;
    expect(saved([beaten, [0.4, 0.2], [0.6, 0.5], [0.9, 0.9]])).toEqual([1, 2, 3]);
    expect(saved([[0.4, 0.2], [0.6, 0.5], [0.9, 0.9], beaten])).toEqual([0, 1, 2]);
  });

  it('keeps, of one front, its ends and those far from their neighbours', () => {
    expect(
      saved([
        [0.1, 0.1],
        [0.12, 0.12],
        [0.5, 0.5],
        [0.9, 0.9],
      ]),
    ).toEqual([0, 2, 3]);
  });

  it('lets go first what is over its target, the slowest first', () => {
    expect(
      saved([
        [0.9, 1.5],
        [0.9, 1.2],
        [0.1, 0.9],
        [0.2, 0.95],
      ]),
    ).toEqual([1, 2, 3]);
  });
});

describe('createStrategy', () => {
  it('names the legal names and the nearest for an unknown one', () => {
    expect(() => createStrategy('pppo', { space, seed: '1' })).toThrow(/random, ppo.*did you mean ppo/);
  });

  it('refuses a saved state of another space, size or strategy', () => {
    const ppo = createStrategy('ppo', { space, seed: '1', settings: { ppo: { hidden: 12 } } });
    const saved = ppo.save();
    const code = { code: 'NAS_STRATEGY_STATE' };
    const other = { seed: '1', saved, settings: { ppo: { hidden: 12 } } };
    expect(() => createStrategy('ppo', { ...other, space: fakeSpace(5, 4) })).toThrow(
      expect.objectContaining(code),
    );
    expect(() => createStrategy('ppo', { space, seed: '1', saved })).toThrow(expect.objectContaining(code));
    for (const bad of [
      7,
      'x',
      [],
      { strategy: 'random', version: 1 },
      { ...(saved as object), weights: 'AAAA' },
    ])
      expect(() => createStrategy('ppo', { ...other, space, saved: bad })).toThrow(
        expect.objectContaining(code),
      );
  });

  it('has the published controller under its preset: 100 units, nothing learnt before 20 trials', () => {
    const ppo = createStrategy('ppo', { space, seed: '1', settings: { preset: 'paper' } });
    const first = JSON.stringify((ppo.save() as { weights: string }).weights);
    const [proposal] = ppo.ask(1, [], createRng(1));
    for (let i = 0; i < 19; i++) ppo.tell([{ ...proposal!, trial: i + 1, state: 'done', reward: i }]);
    expect(JSON.stringify((ppo.save() as { weights: string }).weights)).toBe(first);
    ppo.tell([{ ...proposal!, trial: 20, state: 'done', reward: 5 }]);
    expect(JSON.stringify((ppo.save() as { weights: string }).weights)).not.toBe(first);
  });
});
