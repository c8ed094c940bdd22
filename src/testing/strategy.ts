import { describe, expect, it } from 'vitest';
import { createRng, withoutPauses, type Json, type Rng } from '../core/index.js';
import type { Finished, LatencyOf, Pending, Proposal, Strategy } from '../search/index.js';
import type { SearchSpace } from '../space/index.js';
import { skipTests, type Skipping } from './skip.js';

export interface StrategyCase {
  readonly space: SearchSpace;
  make(seed: string, saved?: Json): Strategy;
}

const throughJson = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;

function firstOf([proposal]: readonly Proposal[]): Proposal {
  if (proposal === undefined) throw new Error('asked for one proposal, got none');
  return proposal;
}

/** What every {@link Strategy} promises, tried with random metrics of all kinds. */
export function describeStrategy(name: string, { space, make }: StrategyCase, skipping: Skipping = {}): void {
  describe(`strategy: ${name}`, () => {
    skipTests(skipping);

    const finish = (proposal: Proposal, trial: number, rng: Rng): Finished => {
      const state = rng.pick(['done', 'done', 'done', 'infeasible', 'failed', 'stopped'] as const);
      const ended = state === 'done' || state === 'infeasible';
      const plain = { ...proposal, trial, state, reward: ended ? rng.normal() : null };
      // Studies of before keep no more of a trial than its reward.
      if (rng.uniform() < 0.2) return plain;
      const medianMs = 0.5 + rng.uniform();
      const latency = {
        platform: 'any',
        medianMs,
        lowMs: 0.9 * medianMs,
        highMs: 1.1 * medianMs,
        targetMs: 1,
      };
      return {
        ...plain,
        accuracy: state === 'done' ? rng.uniform() : null,
        loss: state === 'done' ? rng.uniform() : null,
        latencies: ended ? [latency, { ...latency, platform: 'other', targetMs: 2 }] : [],
        seconds: rng.uniform(),
        fidelity: state === 'done' ? 1 : null,
      };
    };
    /** Every second genome, whichever, is predicted over the target; of some nothing is known. */
    const latencyOf: LatencyOf = (genome) => {
      const sum = genome.reduce((a, b) => a + b, 0);
      return sum % 5 === 4 ? null : { median: 0.5 + (sum % 2), low: 0.4 + (sum % 2), high: 0.6 + (sum % 2) };
    };
    const isLegal = (genome: readonly number[]): boolean =>
      genome.length === space.choices.length &&
      genome.every(
        (gene, i) => Number.isInteger(gene) && gene >= 0 && gene < (space.choices[i]?.options.length ?? 0),
      );
    /** Some rounds of ask and tell; the proposals made. */
    const live = (strategy: Strategy, rounds: number, from: number, seed = 'metrics'): Proposal[] => {
      const asked: Proposal[] = [];
      for (let round = from; round < from + rounds; round++) {
        const rng = createRng(seed).fork(round);
        const batch = strategy.ask(1 + (round % 3), [], rng.fork('ask'));
        asked.push(...batch);
        strategy.tell(batch.map((proposal, i) => finish(proposal, 10 * round + i + 1, rng)));
      }
      return asked;
    };

    it('proposes as many legal genomes as asked for, before and after learning', () => {
      const strategy = make('1');
      for (const count of [0, 1, 7]) expect(strategy.ask(count, [], createRng(count))).toHaveLength(count);
      expect(live(strategy, 20, 0).every(({ genome }) => isLegal(genome))).toBe(true);
    });

    it('changes nothing by being asked', () => {
      const strategy = make('1');
      live(strategy, 7, 0);
      const before = JSON.stringify(strategy.save());
      const pending: Pending[] = strategy
        .ask(3, [], createRng('p'))
        .map((proposal, trial) => ({ ...proposal, trial }));
      const first = strategy.ask(5, pending, createRng('x'));
      expect(strategy.ask(5, pending, createRng('x'))).toEqual(first);
      expect(JSON.stringify(strategy.save())).toBe(before);
    });

    it('gives probabilities, where it has any, that sum to one, the same each time and without changing', () => {
      const strategy = make('1');
      if (strategy.probabilities === undefined) return;
      for (const from of [0, 9, 18]) {
        live(strategy, 9, from);
        const before = JSON.stringify(strategy.save());
        const asked = strategy.ask(3, [], createRng('q'));
        const first = strategy.probabilities();
        expect(first.map((options) => options.length)).toEqual(space.choices.map((c) => c.options.length));
        for (const options of first) {
          expect(options.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          expect(Math.min(...options)).toBeGreaterThanOrEqual(0);
        }
        expect(strategy.probabilities()).toEqual(first);
        expect(make('1', throughJson(strategy.save())).probabilities?.()).toEqual(first);
        expect(strategy.ask(3, [], createRng('q'))).toEqual(asked);
        expect(JSON.stringify(strategy.save())).toBe(before);
      }
    });

    it('estimates networks, where it does, the same each time and after being restored, without changing', () => {
      const strategy = make('1');
      if (strategy.estimates === undefined) return;
      const genomes = Array.from({ length: 5 }, (_, i) => space.sample(createRng(i)));
      for (const from of [0, 3, 20]) {
        const asked = live(strategy, from === 0 ? 1 : 12, from).map(({ genome }) => genome);
        const before = JSON.stringify(strategy.save());
        const first = strategy.estimates([...asked, ...genomes]);
        if (first !== null) {
          expect(first).toHaveLength(asked.length + genomes.length);
          expect(first.every(Number.isFinite)).toBe(true);
        }
        expect(strategy.estimates([...asked, ...genomes])).toEqual(first);
        expect(make('1', throughJson(strategy.save())).estimates?.([...asked, ...genomes])).toEqual(first);
        expect(JSON.stringify(strategy.save())).toBe(before);
      }
      expect(strategy.estimates(genomes)).not.toBeNull();
    });

    it('asks in parts, where it does, what it asks at the same time, with latencies predicted and without', () => {
      const strategy = make('1');
      for (const from of [0, 12, 24]) {
        live(strategy, 12, from);
        for (const predicted of [undefined, latencyOf, () => ({ median: 3, low: 2, high: 4 })]) {
          const whole = strategy.ask(3, [], createRng('parts'), predicted);
          expect(whole).toHaveLength(3);
          expect(whole.every(({ genome }) => isLegal(genome))).toBe(true);
          const parts = strategy.askInParts?.(3, [], createRng('parts'), predicted);
          if (parts !== undefined) expect(withoutPauses(parts)).toEqual(whole);
        }
      }
    });

    it('proposes different things from different random streams', () => {
      if (space.size === 1n) return;
      const strategy = make('1');
      const texts = Array.from({ length: 20 }, (_, i) => JSON.stringify(strategy.ask(1, [], createRng(i))));
      expect(new Set(texts).size).toBeGreaterThan(1);
    });

    it.each([0, 1, 5, 6, 7, 8])('continues the same from what was saved after %i rounds', (rounds) => {
      const whole = make('1');
      live(whole, rounds, 0);
      const restored = make('1', throughJson(whole.save()));
      expect(restored.save()).toEqual(whole.save());
      expect(live(restored, 9, rounds)).toEqual(live(whole, 9, rounds));
      expect(restored.save()).toEqual(whole.save());
    });

    it('continues the same from what was saved between two trials of a batch, others pending', () => {
      const whole = make('1');
      live(whole, 15, 0);
      const batch = whole.ask(5, [], createRng('batch'));
      const pending: Pending[] = batch.map((proposal, i) => ({ ...proposal, trial: 900 + i }));
      const rng = createRng('finish');
      for (const [i, proposal] of batch.slice(0, 3).entries()) whole.tell([finish(proposal, 900 + i, rng)]);
      const restored = make('1', throughJson(whole.save()));
      const ask = (one: Strategy) => one.ask(2, pending.slice(3), createRng('next'), latencyOf);
      expect(ask(restored)).toEqual(ask(whole));
      const rest = pending.slice(3).map((one) => finish(one, one.trial, createRng('rest')));
      for (const one of [whole, restored]) one.tell(rest);
      expect(restored.save()).toEqual(whole.save());
      expect(live(restored, 3, 20)).toEqual(live(whole, 3, 20));
    });

    it('gets the same state from the same trials', () => {
      const [a, b] = [make('1'), make('1')];
      live(a, 8, 0);
      live(b, 8, 0);
      expect(a.save()).toEqual(b.save());
    });

    it('takes duplicates, and learns nothing from failed and stopped trials', () => {
      const strategy = make('1');
      const proposal = firstOf(strategy.ask(1, [], createRng('d')));
      const before = JSON.stringify(strategy.save());
      for (const state of ['failed', 'stopped'] as const)
        strategy.tell(Array.from({ length: 50 }, () => ({ ...proposal, trial: 1, state, reward: null })));
      expect(JSON.stringify(strategy.save())).toBe(before);
      for (let i = 0; i < 50; i++) strategy.tell([{ ...proposal, trial: 1, state: 'done', reward: 0.5 }]);
      expect(strategy.ask(3, [], createRng('e')).every(({ genome }) => isLegal(genome))).toBe(true);
    });

    it('proposes legal genomes after infeasible trials only', () => {
      const strategy = make('1');
      for (let trial = 1; trial <= 40; trial++) {
        const proposal = firstOf(strategy.ask(1, [], createRng(trial), latencyOf));
        const latency = { platform: 'any', medianMs: 9, lowMs: 8, highMs: 10, targetMs: 1 };
        strategy.tell([{ ...proposal, trial, state: 'infeasible', reward: -1, latencies: [latency] }]);
      }
      expect(strategy.ask(3, [], createRng('e')).every(({ genome }) => isLegal(genome))).toBe(true);
    });

    it('survives extreme rewards', () => {
      const strategy = make('1');
      for (const reward of [1e12, -1e12, 0, 1e-300, 1, 1, 1, 1, -1e100, 1e100, 5, 5]) {
        const proposal = firstOf(strategy.ask(1, [], createRng(reward)));
        strategy.tell([{ ...proposal, trial: 1, state: 'done', reward }]);
      }
      const restored = make('1', throughJson(strategy.save()));
      expect(restored.ask(2, [], createRng('z')).every(({ genome }) => isLegal(genome))).toBe(true);
    });

    it('keeps its state bounded and free of what JSON cannot hold', () => {
      const strategy = make('1');
      live(strategy, 4, 0);
      const early = JSON.stringify(strategy.save()).length;
      live(strategy, 40, 4);
      const saved = strategy.save();
      expect(throughJson(saved)).toEqual(saved);
      expect(JSON.stringify(saved).length).toBeLessThan(early + 4096);
    });

    it('does not let a saved state change later', () => {
      const strategy = make('1');
      live(strategy, 3, 0);
      const saved = strategy.save();
      const text = JSON.stringify(saved);
      live(strategy, 9, 3);
      expect(JSON.stringify(saved)).toBe(text);
    });
  });
}
