import { describe, expect, it } from 'vitest';
import { openOnnx } from '../../src/backends/index.js';
import { observeRanges } from '../../src/app/export/int8/ranges.js';
import { observedModel, onnxModel, type Int8Options } from '../../src/export/index.js';
import { modelType } from '../../src/onnx/format.js';
import { parseArchitecture, presetArchitecture, type Architecture } from '../../src/space/index.js';
import { everyOperation, picture, relativeError, trained } from '../network/samples.js';
import { channelsFirst, runOnnx } from './onnx-run.js';

const epsilon = 1e-3;

/** A network in whole numbers with the ranges of some pictures, and what it answers to others. */
async function quantised(architecture: Architecture, float: readonly string[] = [], outputs = ['logits']) {
  const { network, weights } = trained(architecture);
  const observed = observedModel(network, weights, { epsilon, outputs });
  const seen = ['a', 'b', 'c', 'd'].map((seed) => picture(network, seed));
  const session = await openOnnx(observed.bytes, { threads: 1 });
  const ranges = await observeRanges(session, {
    ...{
      count: seen.length,
      shape: network.input,
      values: Float32Array.from(seen.flatMap((one) => [...one])),
    },
  });
  session.dispose();
  const int8: Int8Options = { range: ranges(1), float: new Set(float) };
  const options = { epsilon, batch: 1, outputs } as const;
  const [bytes, plain] = [
    onnxModel(network, weights, { ...options, int8 }),
    onnxModel(network, weights, options),
  ];
  const values = picture(network, 'another');
  const [found, expected] = [
    await runOnnx(bytes, [values], network),
    await runOnnx(plain, [values], network),
  ];
  const errors = outputs.map((name) => relativeError(found[name]!.values, expected[name]!.values));
  return { bytes, plain, errors, parts: observed.parts, ranges: ranges(1), seen };
}

interface Decoded {
  readonly graph: {
    readonly node: readonly {
      readonly opType: string;
      readonly input: readonly string[];
      readonly name: string;
    }[];
    readonly initializer: readonly {
      readonly name: string;
      readonly dims: readonly number[];
      readonly dataType: number;
      readonly rawData: Uint8Array;
    }[];
  };
}
const decoded = (bytes: Uint8Array) =>
  modelType().toObject(modelType().decode(bytes), { longs: Number, arrays: true }) as Decoded;

describe('a network in whole numbers of 8 bits', () => {
  it('answers as the float one to a few steps of 256', async () => {
    for (const architecture of [
      everyOperation,
      presetArchitecture('mobilenet_v3_small', { input: [32, 32, 3], classes: 10 }),
      presetArchitecture('mobilenet_v2', { input: [33, 31, 3], classes: 10 }),
      presetArchitecture('mobilenetv4_conv_small', { input: [32, 32, 3], classes: 10 }),
    ]) {
      const { errors } = await quantised(architecture);
      expect(errors[0]).toBeGreaterThan(1e-6);
      expect(errors[0]).toBeLessThan(0.15);
    }
  });

  it('keeps the named parts in float: with all of them it computes as the float one', async () => {
    const { parts } = await quantised(everyOperation);
    const { errors, bytes } = await quantised(everyOperation, parts.all);
    expect(errors[0]).toBe(0);
    expect(decoded(bytes).graph.node.map(({ opType }) => opType)).not.toContain('QuantizeLinear');
    const kept = await quantised(
      everyOperation,
      parts.kernels.filter((part) => part.endsWith('.se')),
    );
    const kernels = decoded(kept.bytes).graph.initializer.filter(({ name }) =>
      /(reduce|excite)\.kernel/.test(name),
    );
    expect(kernels.map(({ dataType }) => dataType)).toEqual(kernels.map(() => 1));
    expect(kernels.length).toBeGreaterThan(0);
  });

  it('has kernels of int8 around zero with a scale per output channel, whose largest number it reaches', async () => {
    const { bytes, plain } = await quantised(
      presetArchitecture('mobilenet_v3_small', { input: [32, 32, 3], classes: 10 }),
    );
    const [whole, float] = [decoded(bytes), decoded(plain)].map(
      ({ graph }) => new Map(graph.initializer.map((tensor) => [tensor.name, tensor])),
    );
    for (const [layer, largest] of [
      ['2.expand', 63],
      ['2.depthwise', 127],
    ] as const) {
      const numbers = whole!.get(`${layer}.kernel/whole`)!;
      const scales = whole!.get(`${layer}.kernel/scale`)!;
      const exact = floats(float!.get(`${layer}.kernel`)!.rawData);
      const found = Int8Array.from(numbers.rawData);
      const [channels = 0] = numbers.dims;
      expect(scales.dims).toEqual([channels]);
      const each = exact.length / channels;
      const steps = floats(scales.rawData);
      for (let c = 0; c < channels; c++) {
        const row = found.subarray(c * each, (c + 1) * each);
        expect(Math.max(...row.map(Math.abs))).toBe(largest);
        for (const [i, value] of row.entries())
          expect(Math.abs(value * steps[c]! - exact[c * each + i]!)).toBeLessThanOrEqual(0.501 * steps[c]!);
      }
    }
    expect(new Set(whole!.get('2.expand.kernel/zero')!.rawData)).toEqual(new Set([0]));
    expect(bytes.length).toBeLessThan(0.6 * plain.length);
  });

  it('gives feature maps under their names, also where blocks behind them read them', async () => {
    const { errors } = await quantised(everyOperation, [], ['c1', 'c2', 'logits']);
    for (const error of errors) expect(error).toBeLessThan(0.15);
  });

  it('has ranges that hold all that was seen', async () => {
    const { ranges, seen } = await quantised(everyOperation);
    const all = seen.flatMap((one) => [...channelsFirst(one, 2)]);
    expect(ranges('images')).toEqual({ low: Math.min(0, ...all), high: Math.max(0, ...all) });
    expect(ranges('nowhere')).toBeUndefined();
  });

  it('rounds no value between a convolution and its ReLU', async () => {
    const relu = parseArchitecture('nas1:12x12x3 cn_k3_s1_c8_re ir_k3_s2_e16_c8_r6 gap fc_c5_id');
    const { bytes } = await quantised(relu);
    const nodes = decoded(bytes).graph.node;
    for (const op of ['Relu', 'Clip']) {
      const [input = ''] = nodes.find(({ opType }) => opType === op)!.input;
      expect(input).toMatch(/\/Conv$/);
    }
  });
});

function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
