import { describe, expect, it } from 'vitest';
import { createRng, type Json, type Rng } from '../core/index.js';
import type { Finished, Pending, Proposal, Strategy } from '../search/index.js';
import type { SearchSpace } from '../space/index.js';
import { skipTests, type Skipping } from './skip.js';

export interface StrategyCase {
  readonly space: SearchSpace;
  make(seed: string, saved?: Json): Strategy;
}

const throughJson = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;

/** What every {@link Strategy} promises, tried with random metrics of all kinds. */
export function describeStrategy(name: string, { space, make }: StrategyCase, skipping: Skipping = {}): void {
  describe(`strategy: ${name}`, () => {
    skipTests(skipping);

    const finish = (proposal: Proposal, trial: number, rng: Rng): Finished => {
      const state = rng.pick(['done', 'done', 'done', 'infeasible', 'failed', 'stopped'] as const);
      const reward = state === 'done' || state === 'infeasible' ? rng.normal() : null;
      return { ...proposal, trial, state, reward };
    };
    const isLegal = (genome: readonly number[]): boolean =>
      genome.length === space.choices.length &&
      genome.every(
        (gene, i) => Number.isInteger(gene) && gene >= 0 && gene < space.choices[i]!.options.length,
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

    it('proposes different things from different random streams', () => {
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

    it('gets the same state from the same trials', () => {
      const [a, b] = [make('1'), make('1')];
      live(a, 8, 0);
      live(b, 8, 0);
      expect(a.save()).toEqual(b.save());
    });

    it('takes duplicates, and learns nothing from failed and stopped trials', () => {
      const strategy = make('1');
      const [proposal] = strategy.ask(1, [], createRng('d'));
      const before = JSON.stringify(strategy.save());
      for (const state of ['failed', 'stopped'] as const)
        strategy.tell(Array.from({ length: 50 }, () => ({ ...proposal!, trial: 1, state, reward: null })));
      expect(JSON.stringify(strategy.save())).toBe(before);
      for (let i = 0; i < 50; i++) strategy.tell([{ ...proposal!, trial: 1, state: 'done', reward: 0.5 }]);
      expect(strategy.ask(3, [], createRng('e')).every(({ genome }) => isLegal(genome))).toBe(true);
    });

    it('survives extreme rewards', () => {
      const strategy = make('1');
      for (const reward of [1e12, -1e12, 0, 1e-300, 1, 1, 1, 1, -1e100, 1e100, 5, 5]) {
        const [proposal] = strategy.ask(1, [], createRng(reward));
        strategy.tell([{ ...proposal!, trial: 1, state: 'done', reward }]);
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
