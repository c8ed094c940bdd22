import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend, StepRecipe, TrainingProgram } from '../../src/backends/index.js';
import { fold, type Network, type Weights } from '../../src/network/index.js';
import { formatArchitecture, parseArchitecture } from '../../src/space/index.js';
import { forward } from '../network/forward.js';
import { describeState } from './backend-state.js';
import { describeStep, type Trainable, type Using } from './backend-step.js';
import { skipTests, type Skipping } from '../../src/testing/index.js';
import {
  DIFFERENTIATED,
  distance,
  farthest,
  plainGradient,
  plainStep,
  randomStep,
  recipeFor,
  sampleArchitectures,
  sampleOf,
} from '../backends/samples.js';

export interface BackendContract extends Skipping {
  /** The backend to hold this one's steps against; absent for the reference itself. */
  readonly reference?: () => Promise<Backend>;
}

/** What every backend promises, see src/backends/backend.ts. */
export function describeBackend(
  name: string,
  make: () => Promise<Backend>,
  contract: BackendContract = {},
): void {
  describe(`backend ${name}`, () => {
    skipTests(contract);
    let backend: Backend;
    let reference: Backend | undefined;
    beforeAll(async () => {
      backend = await make();
      reference = await contract.reference?.();
    });
    afterAll(async () => {
      await backend[Symbol.asyncDispose]();
      await reference?.[Symbol.asyncDispose]();
    });

    const using: Using = (sample, stepRecipe, use) => usingOf(backend, sample, stepRecipe, use);

    function usingOf<T>(
      by: Backend,
      { network, weights, examples }: Trainable,
      stepRecipe: StepRecipe,
      use: (program: TrainingProgram) => T,
    ): T {
      const program = by.compileTraining(network, weights, stepRecipe, examples);
      try {
        return use(program);
      } finally {
        program.dispose();
      }
    }

    describe('forward', () => {
      it.each(sampleArchitectures(16).map((a) => [formatArchitecture(a), a] as const))(
        'inference and evaluation agree with a forward pass by hand: %s',
        (text, architecture) => {
          const sample = sampleOf(architecture, text, 7);
          const { network, weights, examples } = sample;
          const own = recipeFor(network);
          const size = network.input.reduce((a, b) => a * b, 1);
          const pictures = Float32Array.from(examples.images, (byte, i) => {
            const c = i % network.input[2];
            return (byte / 255 - own.mean[c]!) / own.deviation[c]!;
          });
          const rows = Array.from({ length: 7 }, (_, i) =>
            forward(network, weights, pictures.subarray(i * size, (i + 1) * size), own.norm.epsilon),
          );
          const inference = backend.compileInference(network, weights, {
            batch: 7,
            epsilon: own.norm.epsilon,
          });
          expect(
            distance(
              inference.run(pictures),
              rows.flatMap((row) => [...row]),
            ),
          ).toBeLessThan(2e-4);
          inference.dispose();

          const result = using(sample, own, (program) => program.evaluate(examples, false));
          let loss = 0;
          let correct = 0;
          rows.forEach((row, i) => {
            const label = examples.labels[i]!;
            loss += Math.log(row.reduce((sum, value) => sum + Math.exp(value - row[label]!), 0)) / 7;
            if (row.indexOf(Math.max(...row)) === label) correct++;
          });
          expect([result.correct, result.count]).toEqual([correct, 7]);
          expect(result.loss).toBeCloseTo(loss, 3);
        },
      );

      it('counts an incomplete last batch', () => {
        const sample = sampleOf(parseArchitecture(DIFFERENTIATED[0]!), 'part', 9);
        const all = using(sample, recipeFor(sample.network, { batch: 9 }), (p) =>
          p.evaluate(sample.examples, false),
        );
        const cut = using(sample, recipeFor(sample.network, { batch: 4 }), (p) =>
          p.evaluate(sample.examples, false),
        );
        expect(cut.count).toBe(9);
        expect(cut.correct).toBe(all.correct);
        expect(cut.loss).toBeCloseTo(all.loss, 5);
      });

      it('times as many runs as asked and refuses an input of another size', () => {
        const { network, weights } = sampleOf(parseArchitecture(DIFFERENTIATED[0]!), 'time');
        const program = backend.compileInference(network, weights, { batch: 2, epsilon: 1e-3 });
        const times = program.time(3);
        expect(times).toHaveLength(3);
        expect(times.every((ms) => ms > 0)).toBe(true);
        expect(program.batch).toBe(2);
        expect(() => program.run(new Float32Array(5))).toThrow();
        program.dispose();
      });

      it('leaves the given weights alone and runs folded networks too', () => {
        const sample = sampleOf(parseArchitecture(DIFFERENTIATED[1]!), 'folded');
        const folded = fold(sample.network, sample.weights, 1e-3);
        const input = Float32Array.from({ length: 49 }, () => sample.rng.normal());
        const logits = ([network, weights]: [Network, Weights]) => {
          const program = backend.compileInference(network, weights, { batch: 1, epsilon: 1e-3 });
          const result = program.run(input);
          program.dispose();
          return result;
        };
        const before = new Map([...sample.weights].map(([key, values]) => [key, values.slice()]));
        expect(
          distance(logits([sample.network, sample.weights]), logits([folded.network, folded.weights])),
        ).toBeLessThan(1e-5);
        expect(sample.weights).toEqual(before);
      });
    });

    describe('gradients', () => {
      const cases = DIFFERENTIATED.flatMap((text) =>
        (['kernel', 'bias', 'scale', 'offset'] as const).map((role) => [role, text] as const),
      );
      it.each(cases)('by %s agree with finite differences: %s', (role, text) => {
        const sample = sampleOf(parseArchitecture(text), text, 6);
        const own = recipeFor(sample.network, { ...plainGradient, batch: 6, labelSmoothing: 0.1 });
        const step = plainStep(6);
        const chosen = sample.network.parameters.filter((p) => p.role === role);
        const after = using(sample, own, (program) => {
          program.step(step);
          return program.weights(false);
        });
        // Half of the gradient's components as direction: not merely its length is tested.
        const direction = new Map(
          chosen.map(({ name: key }) => [
            key,
            sample.weights
              .get(key)!
              .map((w, i) => (sample.rng.uniform() < 0.5 ? w - after.get(key)![i]! : 0)),
          ]),
        );
        const squares = [...direction.values()].flatMap((d) => [...d]).reduce((sum, d) => sum + d * d, 0);
        expect(squares).toBeGreaterThan(0);
        const length = Math.sqrt(squares);
        const lossAt = (shift: number) => {
          const moved = new Map(sample.weights);
          for (const [key, d] of direction)
            moved.set(
              key,
              sample.weights.get(key)!.map((w, i) => w + (shift * d[i]!) / length),
            );
          return using({ ...sample, weights: moved }, own, (program) => program.step(step).loss);
        };
        const h = 4e-3;
        const slope = (lossAt(h) - lossAt(-h)) / (2 * h);
        // Kinks of ReLU and single precision leave a per cent or two.
        expect(Math.abs(slope - length) / length).toBeLessThan(0.04);
      });
    });

    if (contract.reference !== undefined) {
      const optimisers: StepRecipe['optimiser'][] = [
        { kind: 'momentum', momentum: 0.9 },
        { kind: 'rmsprop', momentum: 0.9, decay: 0.9, epsilon: 1e-3 },
      ];
      it.each(sampleArchitectures(32).map((a, i) => [formatArchitecture(a), a, i] as const))(
        'steps as the reference does: %s',
        (text, architecture, index) => {
          const sample = sampleOf(architecture, text);
          const own = recipeFor(sample.network, {
            batch: 3 + (index % 4),
            optimiser: optimisers[index % 2]!,
            weightDecay: index % 3 === 0 ? 0.01 : 0,
            labelSmoothing: index % 5 === 0 ? 0.1 : 0,
            emaDecay: index % 4 === 0 ? null : 0.3,
            pad: index % 3,
          });
          const steps = Array.from({ length: 1 + (index % 3) }, () =>
            randomStep(sample.examples, own, sample.rng, 0.02),
          );
          const run = (program: TrainingProgram) => ({
            outputs: steps.map((step) => program.step(step)),
            weights: program.weights(false),
            average: program.weights(true),
            evaluated: program.evaluate(sample.examples, true),
          });
          const found = using(sample, own, run);
          const expected = usingOf(reference as Backend, sample, own, run);
          found.outputs.forEach((output, i) => {
            expect(output.correct).toBe(expected.outputs[i]!.correct);
            expect(output.loss).toBeCloseTo(expected.outputs[i]!.loss, 3);
          });
          expect(farthest(found.weights, expected.weights, 5e-4, 0.1)).toBe('');
          expect(farthest(found.average, expected.average, 5e-4, 0.1)).toBe('');
          expect(found.evaluated.loss).toBeCloseTo(expected.evaluated.loss, 2);
          const moved = [...sample.weights].some(
            ([key, values]) => distance(found.weights.get(key)!, values) > 1e-6,
          );
          expect(moved).toBe(true);
        },
      );
    }

    describeStep(using);
    describeState(using);
  });
}
