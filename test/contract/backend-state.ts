import { describe, expect, it } from 'vitest';
import { slotsOf, type ProgramState, type StepRecipe } from '../../src/backends/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { DIFFERENTIATED, plainStep, randomStep, recipeFor, sampleOf } from '../backends/samples.js';
import type { Using } from './backend-step.js';

/** What a training that is resumed rests on: the state of a program goes out, and into another one. */
export function describeState(using: Using): void {
  describe('the state', () => {
    const architecture = parseArchitecture(DIFFERENTIATED[0]!);
    const recipes: readonly [string, Partial<StepRecipe>][] = [
      ['momentum', { optimiser: { kind: 'momentum', momentum: 0.9 }, emaDecay: null }],
      ['momentum, with an average', { optimiser: { kind: 'momentum', momentum: 0.9 }, emaDecay: 0.5 }],
      [
        'rmsprop, with an average, dropout and decay',
        {
          optimiser: { kind: 'rmsprop', momentum: 0.9, decay: 0.9, epsilon: 1e-3 },
          emaDecay: 0.9,
          dropout: 0.2,
          weightDecay: 1e-3,
        },
      ],
    ];

    it.each(recipes)(
      'restored in a program of other weights gives the further steps bit for bit: %s',
      (name, own) => {
        const sample = sampleOf(architecture, name);
        const recipe = recipeFor(sample.network, own);
        const inputs = Array.from({ length: 6 }, () => randomStep(sample.examples, recipe, sample.rng));
        const whole = using(sample, recipe, (program) => {
          const outputs = inputs.map((input) => program.step(input));
          return { outputs, state: program.state(), average: program.weights(true) };
        });
        const half = using(sample, recipe, (program) => {
          for (const input of inputs.slice(0, 3)) program.step(input);
          return program.state();
        });
        const other = sampleOf(architecture, 'other weights');
        const resumed = using({ ...sample, weights: other.weights }, recipe, (program) => {
          program.step(plainStep(recipe.batch));
          program.restore(half);
          const outputs = inputs.slice(3).map((input) => program.step(input));
          return { outputs, state: program.state(), average: program.weights(true) };
        });
        expect(resumed.outputs).toEqual(whole.outputs.slice(3));
        expect(resumed.state).toEqual(whole.state);
        expect(resumed.average).toEqual(whole.average);
      },
    );

    it('has the steps, the weights and the slots of its recipe, as copies', () => {
      const sample = sampleOf(architecture, 'slots');
      const recipe = recipeFor(sample.network, recipes[2]![1]);
      using(sample, recipe, (program) => {
        program.step(randomStep(sample.examples, recipe, sample.rng));
        const state = program.state();
        expect(state.steps).toBe(1);
        expect([...state.slots.keys()]).toEqual(['weights', 'average', 'velocity', 'square']);
        for (const [slot, parameters] of slotsOf(sample.network, recipe)) {
          const values = [...state.slots.get(slot)!].map(([name, numbers]) => [name, numbers.length]);
          expect(values).toEqual(parameters.map(({ name, size }) => [name, size]));
        }
        expect(state.slots.get('weights')).toEqual(program.weights(false));
        expect(state.slots.get('average')).toEqual(program.weights(true));
        const kernel = state.slots.get('weights')!.get('0.conv.kernel')!;
        const before = kernel.slice();
        program.step(randomStep(sample.examples, recipe, sample.rng));
        expect(kernel).toEqual(before);
      });
    });

    it('of another recipe or network is refused', () => {
      const sample = sampleOf(architecture, 'refused');
      const recipe = recipeFor(sample.network, recipes[0]![1]);
      const averaged = recipeFor(sample.network, recipes[1]![1]);
      const state: ProgramState = using(sample, averaged, (program) => program.state());
      const cut: ProgramState = {
        steps: 0,
        slots: new Map([...state.slots].map(([slot]) => [slot, new Map()])),
      };
      using(sample, recipe, (program) =>
        expect(() => program.restore(state)).toThrow(/a state with weights,average/),
      );
      using(sample, averaged, (program) =>
        expect(() => program.restore(cut)).toThrow(/no numbers, expected/),
      );
    });
  });
}
