import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import type { StepRecipe, TrainingProgram } from '../../src/backends/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import {
  DIFFERENTIATED,
  distance,
  plainGradient,
  plainStep,
  randomExamples,
  randomStep,
  recipeFor,
  sampleOf,
  singleLayer,
  zeroWeights,
  type Sample,
} from '../backends/samples.js';

export type Trainable = Pick<Sample, 'network' | 'weights' | 'examples'>;

/** Compiles, uses and disposes a training program of the backend under test. */
export type Using = <T>(sample: Trainable, recipe: StepRecipe, use: (program: TrainingProgram) => T) => T;

/** What a step does, by hand: loss, decay, crops, dropout, statistics, averages, repetition. */
export function describeStep(using: Using): void {
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

    it('lowers the loss and learns to distinguish pictures', () => {
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

    it('takes a batch in parts as the mean of steps on each', () => {
      const sample = sampleOf(architecture, 'parts');
      const own = { ...plainGradient, weightDecay: 1e-3, labelSmoothing: 0.1, pad: 1 };
      const rows = randomStep(sample.examples, recipeFor(sample.network, { batch: 8, pad: 1 }), sample.rng);
      const stepOn = (over: Partial<StepRecipe>, from: number, to: number) =>
        using(sample, recipeFor(sample.network, { ...own, ...over, batch: to - from }), (program) => {
          const cut = <A extends Int32Array | Uint8Array>(list: A) => list.slice(from, to) as A;
          const { indices, top, left, flip } = rows;
          const input = { indices: cut(indices), top: cut(top), left: cut(left), flip: cut(flip) };
          return { output: program.step({ ...rows, ...input }), weights: program.weights(false) };
        });
      const whole = stepOn({ parts: 2 }, 0, 8);
      const [first, second] = [stepOn({}, 0, 4), stepOn({}, 4, 8)];
      expect(whole.output.loss).toBeCloseTo((first.output.loss + second.output.loss) / 2, 4);
      expect(whole.output.correct).toBe(first.output.correct + second.output.correct);
      for (const [key, values] of whole.weights) {
        const mean = first.weights.get(key)!.map((w, i) => (w + second.weights.get(key)![i]!) / 2);
        expect(distance(values, mean)).toBeLessThan(1e-4);
      }
      expect(distance(whole.weights.get('0.conv.mean')!, first.weights.get('0.conv.mean')!)).toBeGreaterThan(
        1e-4,
      );
    });

    it('drops out in parts by its seed', () => {
      const sample = sampleOf(architecture, 'parts');
      const loss = (seed: readonly [number, number]) =>
        using(sample, recipeFor(sample.network, { batch: 8, parts: 2, dropout: 0.5 }), (program) =>
          program.step({ ...plainStep(8), seed }),
        ).loss;
      expect(loss([1, 2])).toBe(loss([1, 2]));
      expect(loss([1, 2])).not.toBe(loss([3, 2]));
    });

    it('refuses parts that are not equal', () => {
      const sample = sampleOf(architecture, 'parts');
      expect(() => using(sample, recipeFor(sample.network, { batch: 8, parts: 3 }), () => 0)).toThrow(
        RangeError,
      );
    });

    it('refuses indices of another length than the batch', () => {
      const sample = sampleOf(architecture, 'length');
      using(sample, recipeFor(sample.network), (program) =>
        expect(() => program.step(plainStep(3))).toThrow(/expected 4 numbers, found 3/),
      );
    });
  });
}
