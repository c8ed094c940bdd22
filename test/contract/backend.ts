import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import type { Backend, StepRecipe, TrainingProgram } from '../../src/backends/index.js';
import { fold, type Network, type Weights } from '../../src/network/index.js';
import { formatArchitecture, parseArchitecture } from '../../src/space/index.js';
import { forward } from '../network/forward.js';
import {
  distance,
  farthest,
  plainGradient,
  plainStep,
  randomExamples,
  randomStep,
  recipeFor,
  sampleArchitectures,
  sampleOf,
  singleLayer,
  zeroWeights,
  type Sample,
} from '../backends/samples.js';

export interface BackendContract {
  /** The backend to hold this one's steps against; absent for the reference itself. */
  readonly reference?: () => Promise<Backend>;
}

/** Every kind of layer and activation, small enough for finite differences. */
const DIFFERENTIATED = [
  'nas1:6x5x2 cn_k3_s2_c4_hs ir_k5_s1_e6_c4_se3_hs gap fc_c5_hs fc_c3_id',
  'nas1:7x7x1 cn_k3_s1_c4_id ds_k3_s2_c6_se2sig_id_skippool ir_k3_s1_e5_c6_hs gap fc_c3_id',
  'nas1:5x7x3 cn_k5_s1_c3_re ir_k7_s2_e6_c5_r6_skippool ir_k3_s1_e8_c5_se4_re gap fc_c4_id',
  'nas1:1x1x3 cn_k1_s1_c4_hs ds_k3_s1_c4_se2_re gap fc_c4_id',
];

/** What every backend promises, see src/backends/backend.ts. */
export function describeBackend(
  name: string,
  make: () => Promise<Backend>,
  contract: BackendContract = {},
): void {
  describe(`backend ${name}`, () => {
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

    function using<T>(
      { network, weights, examples }: Pick<Sample, 'network' | 'weights' | 'examples'>,
      stepRecipe: StepRecipe,
      use: (program: TrainingProgram) => T,
      by: Backend = backend,
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
          const expected = using(sample, own, run, reference);
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

    describe('the step', () => {
      const architecture = parseArchitecture(DIFFERENTIATED[0]!);
      const runTwo = (own: Partial<StepRecipe>, seeds = [1, 1], rate = 0.1) => {
        const sample = sampleOf(architecture, 'two');
        return using(sample, recipeFor(sample.network, own), (program) => ({
          sample,
          outputs: seeds.map((seed) => program.step(plainStep(4, { seed: [seed, 5], learningRate: rate }))),
          weights: program.weights(false),
        }));
      };

      it('lowers the loss and learns to tell pictures apart', () => {
        const sample = sampleOf(
          parseArchitecture('nas1:8x8x1 cn_k3_s2_c8_hs ir_k3_s1_e12_c8_se4_re gap fc_c2_id'),
          'learn',
        );
        const images = new Uint8Array(64 * 64);
        const labels = new Uint16Array(64);
        for (let i = 0; i < 64; i++) {
          labels[i] = i % 2;
          for (let p = 0; p < 64; p++) {
            const stripe = (labels[i] === 0 ? p % 8 : p >> 3) % 2;
            images[i * 64 + p] = stripe * 150 + sample.rng.integer(100);
          }
        }
        const examples = { count: 64, shape: [8, 8, 1] as const, images, labels };
        const own = recipeFor(sample.network, { batch: 16, pad: 1 });
        using({ ...sample, examples }, own, (program) => {
          const losses = Array.from(
            { length: 40 },
            () => program.step(randomStep(examples, own, sample.rng)).loss,
          );
          const head = losses.slice(0, 5).reduce((a, b) => a + b) / 5;
          const tail = losses.slice(-5).reduce((a, b) => a + b) / 5;
          expect(tail).toBeLessThan(head * 0.6);
          expect(program.evaluate(examples, false).correct).toBeGreaterThan(56);
        });
      });

      it('smooths labels: loss and gradient by hand', () => {
        const network = singleLayer({ op: 'dense', in: [1, 1, 2], out: [1, 1, 4], bias: true });
        const weights = zeroWeights(network);
        weights.set('0.only.bias', Float32Array.of(1, 2, 3, 4));
        const examples = {
          count: 1,
          shape: [1, 1, 2] as const,
          images: Uint8Array.of(0, 0),
          labels: Uint16Array.of(2),
        };
        const own = recipeFor(network, { ...plainGradient, batch: 1, labelSmoothing: 0.2 });
        using({ network, weights, examples }, own, (program) => {
          const sum = Math.exp(1) + Math.exp(2) + Math.exp(3) + Math.exp(4);
          const target = [0.05, 0.05, 0.85, 0.05];
          const loss = target.reduce((total, t, k) => total - t * (k + 1 - Math.log(sum)), 0);
          const output = program.step(plainStep(1));
          expect(output.loss).toBeCloseTo(loss, 5);
          expect(output.correct).toBe(0);
          const expected = target.map((t, k) => k + 1 - (Math.exp(k + 1) / sum - t));
          expect(distance(program.weights(false).get('0.only.bias')!, expected)).toBeLessThan(1e-6);
        });
      });

      it('decays kernels and nothing else', () => {
        const step = plainStep(4, { learningRate: 0.5 });
        const weightsWith = (weightDecay: number) => {
          const sample = sampleOf(architecture, 'decay');
          return using(sample, recipeFor(sample.network, { weightDecay }), (program) => {
            program.step(step);
            return { sample, weights: program.weights(false) };
          });
        };
        const { sample, weights: plain } = weightsWith(0);
        const { weights: decayed } = weightsWith(0.1);
        for (const { name: key, role } of sample.network.parameters) {
          const by = role === 'kernel' ? 0.05 : 0;
          const expected = plain.get(key)!.map((w, i) => w - by * sample.weights.get(key)![i]!);
          expect(distance(decayed.get(key)!, expected)).toBeLessThan(1e-5);
        }
      });

      it('crops and mirrors as written', () => {
        const [height, width] = [5, 7];
        const network = singleLayer({
          op: 'conv',
          in: [height, width, 2],
          out: [1, 1, 2],
          kernel: 7,
          stride: 7,
        });
        // A 7×7 kernel over a 5×7 picture sees one row of padding above and below.
        const examples = randomExamples(network.input, 1, 3, createRng('crop'));
        const own = recipeFor(network, { ...plainGradient, batch: 1, pad: 2 });
        for (const [row, top, left, flip] of [
          [0, 2, 2, 0],
          [1, 0, 4, 0],
          [2, 4, 0, 1],
          [1, 1, 3, 1],
        ] as const) {
          const kernel = using({ network, weights: zeroWeights(network), examples }, own, (program) => {
            program.step(
              plainStep(1, {
                indices: Int32Array.of(row),
                top: Int32Array.of(top),
                left: Int32Array.of(left),
                flip: Uint8Array.of(flip),
              }),
            );
            return program.weights(false).get('0.only.kernel')!;
          });
          for (let i = 0; i < height; i++)
            for (let j = 0; j < width; j++)
              for (let c = 0; c < 2; c++) {
                const y = top + i - 2;
                const x = left + (flip ? width - 1 - j : j) - 2;
                const inside = y >= 0 && y < height && x >= 0 && x < width;
                const byte = inside ? examples.images[((row * height + y) * width + x) * 2 + c]! : 0;
                const pixel = (byte / 255 - own.mean[c]!) / own.deviation[c]!;
                // Zero weights: the gradient of the right answer's logit is −1/2 of what was fed.
                expect(kernel[(((i + 1) * 7 + j) * 2 + c) * 2]).toBeCloseTo(pixel / 2, 5);
              }
        }
      });

      it('drops out by its seed and keeps the expectation', () => {
        const channels = 4096;
        const network = singleLayer({ op: 'dense', in: [1, 1, channels], out: [1, 1, 2], bias: true });
        const examples = {
          count: 1,
          shape: network.input,
          images: new Uint8Array(channels).fill(255),
          labels: Uint16Array.of(0),
        };
        const own = recipeFor(network, {
          ...plainGradient,
          batch: 1,
          dropout: 0.25,
          mean: Array<number>(channels).fill(0),
          deviation: Array<number>(channels).fill(1),
        });
        const maskOf = (seed: [number, number]) =>
          using({ network, weights: zeroWeights(network), examples }, own, (program) => {
            program.step(plainStep(1, { seed }));
            return program
              .weights(false)
              .get('0.only.kernel')!
              .filter((_, i) => i % 2 === 0)
              .map((g) => 2 * g);
          });
        const mask = maskOf([7, 9]);
        expect([...mask].every((m) => m === 0 || Math.abs(m - 4 / 3) < 1e-5)).toBe(true);
        expect(mask.reduce((a, b) => a + b) / channels).toBeCloseTo(1, 1);
        expect(maskOf([7, 9])).toEqual(mask);
        const agree = (other: Float32Array) =>
          other.reduce((n, m, i) => n + Number(m === mask[i]), 0) / channels;
        expect(agree(maskOf([7, 10]))).toBeLessThan(0.7);
        expect(agree(maskOf([8, 9]))).toBeLessThan(0.7);
      });

      it('does not drop out when evaluating', () => {
        const sample = sampleOf(architecture, 'dry');
        const results = [0, 0.5].map((dropout) =>
          using(sample, recipeFor(sample.network, { dropout }), (program) =>
            program.evaluate(sample.examples, false),
          ),
        );
        expect(results[0]).toEqual(results[1]);
      });

      it('moves the statistics of normalisation towards mean and unbiased variance of the batch', () => {
        const network = singleLayer({ op: 'conv', in: [2, 3, 1], out: [2, 3, 1], norm: true });
        // Not a classifier: two layers, so that it has logits.
        const whole = sampleOf(
          parseArchitecture('nas1:2x3x1 cn_k1_s1_c1_id_noskip gap fc_c2_id'),
          'statistics',
        );
        expect(whole.network.layers[0]!.in).toEqual(network.input);
        const weights = new Map(whole.weights).set('0.conv.kernel', Float32Array.of(1));
        const own = recipeFor(whole.network, { batch: 4, norm: { momentum: 0.75, epsilon: 1e-3 } });
        const pixels = [...whole.examples.images.subarray(0, 24)].map(
          (byte) => (byte / 255 - own.mean[0]!) / own.deviation[0]!,
        );
        const mean = pixels.reduce((a, b) => a + b) / 24;
        const variance = pixels.reduce((sum, p) => sum + (p - mean) ** 2, 0) / 23;
        const after = using({ ...whole, weights }, own, (program) => {
          program.step(plainStep(4));
          return program.weights(false);
        });
        const old = (role: string) => weights.get(`0.conv.${role}`)![0]!;
        expect(after.get('0.conv.mean')![0]).toBeCloseTo(0.75 * old('mean') + 0.25 * mean, 4);
        expect(after.get('0.conv.variance')![0]).toBeCloseTo(0.75 * old('variance') + 0.25 * variance, 4);
      });

      it('averages weights and statistics with the warm-up of the decay', () => {
        const sample = sampleOf(architecture, 'average');
        const own = recipeFor(sample.network, { emaDecay: 0.15 });
        using(sample, own, (program) => {
          const expected = new Map(
            [...sample.weights].map(([key, values]) => [key, Float64Array.from(values)]),
          );
          for (const decay of [0.1, 0.15, 0.15]) {
            program.step(randomStep(sample.examples, own, sample.rng));
            for (const [key, values] of program.weights(false))
              values.forEach(
                (w, i) => (expected.get(key)![i] = decay * expected.get(key)![i]! + (1 - decay) * w),
              );
          }
          for (const [key, values] of program.weights(true))
            expect(distance(values, expected.get(key)!)).toBeLessThan(1e-5);
          const live = program.evaluate(sample.examples, false);
          expect(program.evaluate(sample.examples, true).loss).not.toBe(live.loss);
        });
      });

      it('remembers its optimiser from step to step', () => {
        const { outputs, weights } = runTwo({ optimiser: { kind: 'momentum', momentum: 0.9 } });
        const plain = runTwo({ optimiser: { kind: 'momentum', momentum: 0 } });
        // The first step is the same, so the second one starts from the same weights.
        expect(outputs).toEqual(plain.outputs);
        expect(distance(weights.get('0.conv.kernel')!, plain.weights.get('0.conv.kernel')!)).toBeGreaterThan(
          1e-3,
        );
      });

      it('gives a loss that is not finite when training diverges', () => {
        const { outputs } = runTwo({}, [1, 2, 3, 4, 5], 1e30);
        expect(outputs.some(({ loss }) => !Number.isFinite(loss))).toBe(true);
      });

      it('gives the same weights for the same run', () => {
        const run = () => runTwo({ dropout: 0.3, labelSmoothing: 0.1, weightDecay: 1e-4 }, [1, 2, 3, 4]);
        const [first, second] = [run(), run()];
        expect(second.outputs).toEqual(first.outputs);
        expect(second.weights).toEqual(first.weights);
      });

      it('refuses indices of another length than the batch', () => {
        const sample = sampleOf(architecture, 'length');
        using(sample, recipeFor(sample.network), (program) =>
          expect(() => program.step(plainStep(3))).toThrow(/expected 4 numbers, found 3/),
        );
      });
    });
  });
}
