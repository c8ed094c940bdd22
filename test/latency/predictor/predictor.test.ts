import { describe, expect, it } from 'vitest';
import { createRng, mean } from '../../../src/core/index.js';
import { featuresOf, fitPredictor, LEAST_OBSERVATIONS } from '../../../src/latency/predictor/index.js';
import {
  layersOf,
  paramsOf,
  parseArchitecture,
  presetArchitecture,
  searchSpace,
  type Architecture,
} from '../../../src/space/index.js';

const space = searchSpace('mobilenetv3', { input: [28, 28, 1], classes: 10 });
const rng = createRng('predictor');
const networks = Array.from({ length: 150 }, () => space.decode(space.sample(rng)));

/** A device that the model cannot say exactly: each layer takes the longer of computing and moving, and some noise. */
function device(architecture: Architecture, noise: number): number {
  const work = layersOf(architecture).reduce((sum, layer) => {
    const values = layer.in.reduce((a, b) => a * b, 1) + layer.out.reduce((a, b) => a * b, 1);
    const speed = layer.op === 'dwconv' ? 2e6 : 2e7;
    return sum + 0.005 + Math.max(layer.madds / speed, values / 1e7, layer.params / 5e6);
  }, 0.05);
  return work * Math.exp(noise * rng.normal());
}
const observed = networks.map((architecture) => ({ architecture, medianMs: device(architecture, 0.02) }));

describe('featuresOf', () => {
  const tiny = parseArchitecture('nas1:8x8x3 cn_k5_s2_c24_re ds_k3_s1_c8_id gap fc_c10_id');

  it('counts work by kind', () => {
    const features = featuresOf(tiny);
    expect(features.get('layers of convolution')).toBe(1);
    expect(features.get('multiply-adds of convolution')).toBe(4 * 4 * 24 * 25 * 3);
    expect(features.get('multiply-adds of convolution 5')).toBe(4 * 4 * 24 * 25 * 3);
    expect(features.get('multiply-adds of depthwise')).toBe(4 * 4 * 24 * 9);
    expect(features.get('multiply-adds of pointwise')).toBe(4 * 4 * 24 * 8);
    expect(features.has('weights beyond 512 KiB')).toBe(false);
  });

  it('fills channels up to whole vectors', () => {
    const features = featuresOf(tiny, 16);
    expect(features.get('multiply-adds of convolution')).toBe(4 * 4 * 32 * 25 * 16);
    expect(features.get('multiply-adds of depthwise')).toBe(4 * 4 * 32 * 9);
    expect(features.get('multiply-adds of pointwise')).toBe(4 * 4 * 32 * 16);
    expect(features.get('weights of pointwise')).toBe(featuresOf(tiny).get('weights of pointwise'));
  });

  it('says how far the weights go beyond a cache', () => {
    const large = presetArchitecture('mobilenet_v3_large', { input: [32, 32, 3], classes: 10 });
    const bytes = 4 * paramsOf(large);
    expect(featuresOf(large).get('weights beyond 8192 KiB')).toBe(bytes - 8192 * 1024);
    expect(featuresOf(large).get('weights beyond 16384 KiB')).toBe(
      bytes > 2 ** 24 ? bytes - 2 ** 24 : undefined,
    );
  });
});

describe('fitPredictor', () => {
  it('learns a device from 50 networks and knows how well', () => {
    const predictor = fitPredictor(observed.slice(0, 50))!;
    const rest = observed
      .slice(50)
      .map((item) => ({ ...item, ...predictorOf(predictor, item.architecture) }));
    const error = mean(rest.map((item) => Math.abs(item.predicted / item.medianMs - 1)));
    expect(error).toBeLessThan(0.08);
    expect(predictor.error).toBeGreaterThan(error / 2);
    expect(predictor.error).toBeLessThan(error * 2);
    const held = mean(rest.map(({ low, high, medianMs }) => (medianMs >= low && medianMs <= high ? 1 : 0)));
    expect(held).toBeGreaterThan(0.8);
    expect(predictor.observations).toBe(50);
  });

  it('gives a wider interval for more confidence and for a noisier device', () => {
    const noisy = networks.map((architecture) => ({ architecture, medianMs: device(architecture, 0.2) }));
    const width = (list: typeof observed, confidence: number) => {
      const { lowMs, highMs } = fitPredictor(list.slice(0, 60), { confidence })!.predict(networks[100]!);
      return highMs / lowMs;
    };
    expect(width(observed, 0.95)).toBeGreaterThan(width(observed, 0.5));
    expect(width(noisy, 0.9)).toBeGreaterThan(width(observed, 0.9));
  });

  it('covers as often as it says, over many devices', () => {
    const covered = Array.from({ length: 8 }, (_, i) => {
      const order = createRng(`cover ${i}`).shuffle(observed);
      const predictor = fitPredictor(order.slice(0, 50), { seed: String(i) })!;
      return mean(
        order.slice(50).map(({ architecture, medianMs }) => {
          const { lowMs, highMs } = predictor.predict(architecture);
          return medianMs >= lowMs && medianMs <= highMs ? 1 : 0;
        }),
      );
    });
    expect(mean(covered)).toBeGreaterThan(0.85);
    expect(mean(covered)).toBeLessThan(0.97);
  });

  it('gives equal answers for equal observations', () => {
    const predict = () => fitPredictor(observed.slice(0, 30))!.predict(networks[99]!);
    expect(predict()).toEqual(predict());
  });

  it('learns nothing from too few', () => {
    expect(fitPredictor(observed.slice(0, LEAST_OBSERVATIONS - 1))).toBeNull();
  });

  it('finds how many channels a device processes together', () => {
    const filling = (width: number) => (architecture: Architecture) =>
      layersOf(architecture).reduce((sum, { op, in: from, out, kernel }) => {
        const filled = (n: number) => Math.ceil(n / width) * width;
        const each = op === 'conv' ? filled(from[2]) : op === 'dwconv' ? 10 : 0;
        return sum + (out[0] * out[1] * filled(out[2]) * kernel ** 2 * each) / 1e8;
      }, 0.1);
    for (const width of [16, 32]) {
      const time = filling(width);
      const seen = networks.map((architecture) => ({ architecture, medianMs: time(architecture) }));
      const predictor = fitPredictor(seen.slice(0, 60))!;
      expect(predictor.vectorWidth).toBe(width);
      const rest = seen.slice(60);
      expect(
        mean(rest.map((one) => Math.abs(predictor.predict(one.architecture).medianMs / one.medianMs - 1))),
      ).toBeLessThan(0.01);
    }
  });

  it('learns that weights beyond a cache cost more', () => {
    const far = (architecture: Architecture) => {
      const bytes = 4 * layersOf(architecture).reduce((sum, { params }) => sum + params, 0);
      return device(architecture, 0) + Math.max(0, bytes - 4 * 2 ** 20) / 2e6;
    };
    const seen = networks.map((architecture) => ({ architecture, medianMs: far(architecture) }));
    const predictor = fitPredictor(seen.slice(0, 60))!;
    const rest = seen.slice(60);
    expect(
      mean(rest.map((one) => Math.abs(predictor.predict(one.architecture).medianMs / one.medianMs - 1))),
    ).toBeLessThan(0.08);
  });

  it('says what it has never seen', () => {
    const plain = networks
      .filter((network) => ![...featuresOf(network).keys()].some((name) => name.includes('r6')))
      .map((architecture) => ({ architecture, medianMs: device(architecture, 0) }));
    const predictor = fitPredictor(plain.slice(0, 40))!;
    const strange = parseArchitecture('nas1:28x28x1 cn_k3_s2_c16_r6 ir_k7_s2_e64_c24_r6 gap fc_c10_id');
    const { lacking, medianMs } = predictor.predict(strange);
    expect(lacking).toContain('values through r6');
    expect(medianMs).toBeGreaterThan(0);
  });
});

function predictorOf(predictor: NonNullable<ReturnType<typeof fitPredictor>>, architecture: Architecture) {
  const { medianMs, lowMs, highMs } = predictor.predict(architecture);
  return { predicted: medianMs, low: lowMs, high: highMs };
}
