import { describe, expect, it } from 'vitest';
import { openOnnx } from '../../src/backends/index.js';
import { createRng } from '../../src/core/index.js';
import { onnxModel, type OnnxOptions } from '../../src/export/index.js';
import { buildNetwork } from '../../src/network/index.js';
import {
  formatArchitecture,
  parseArchitecture,
  presetArchitecture,
  presetNames,
  searchSpace,
  spaceNames,
  type Architecture,
} from '../../src/space/index.js';
import { expectGolden } from '../golden.js';
import { forward, forwardAll } from '../network/forward.js';
import { everyOperation, picture, relativeError, trained } from '../network/samples.js';
import { channelsFirst, runOnnx } from './onnx-run.js';

const plain: OnnxOptions = { epsilon: 1e-3, batch: 1 };

/** Largest relative difference between the file, run by ONNX Runtime, and the reference forward pass in doubles. */
async function difference(architecture: Architecture): Promise<number> {
  const { network, weights } = trained(architecture);
  const values = picture(network);
  const { logits } = await runOnnx(onnxModel(network, weights, plain), [values], network);
  expect(logits?.shape).toEqual([1, network.classes]);
  return relativeError(logits!.values, forward(network, weights, values));
}

/** Made for 224×224, run on a few odd pixels: every stride and padding stays, the work does not. */
function shrunk(architecture: Architecture, side: number): Architecture {
  return { ...architecture, input: [side, side + 2, 3] };
}

const full = { input: [224, 224, 3], classes: 10 } as const;

describe('an ONNX file computes as the reference', () => {
  it('every operation', async () => {
    expect(await difference(everyOperation)).toBeLessThan(1e-5);
  });

  it('with its gates written as clipped sums, and no hard sigmoid is left', async () => {
    const gated = parseArchitecture(
      'nas1:12x12x3 cn_k3_s2_c8_hs ir_k3_s1_e16_c8_se8_re ds_k3_s1_c8_se4_r6 ir_k5_s2_e24_c12_se8_hs gap fc_c5_id',
    );
    const { network, weights } = trained(gated);
    const values = picture(network);
    const bytes = onnxModel(network, weights, { ...plain, gate: 'clip' });
    expect(Buffer.from(bytes).includes('HardSigmoid')).toBe(false);
    expect(Buffer.from(onnxModel(network, weights, plain)).includes('HardSigmoid')).toBe(true);
    const { logits } = await runOnnx(bytes, [values], network);
    expect(relativeError(logits!.values, forward(network, weights, values))).toBeLessThan(1e-5);
  });

  it('every operation with symmetric padding', async () => {
    for (const input of [
      [8, 8, 2],
      [8, 7, 2],
      [7, 10, 2],
    ] as const)
      expect(await difference({ ...everyOperation, input, padding: 'symmetric' })).toBeLessThan(1e-4);
  });

  it.each(presetNames)('%s', async (name) => {
    expect(await difference(shrunk(presetArchitecture(name, full), 17))).toBeLessThan(1e-4);
  });

  const parts = spaceNames.flatMap((name) => [1, 2, 3, 4, 5].map((part) => [name, part] as const));
  it.each(parts)('ten random architectures of %s, part %d', async (name, part) => {
    const space = searchSpace(name, full);
    const rng = createRng(`onnx ${name} ${part}`);
    for (let i = 0; i < 10; i++) {
      const architecture = shrunk(space.decode(space.sample(rng)), 4 + rng.integer(14));
      expect(await difference(architecture), formatArchitecture(architecture)).toBeLessThan(1e-4);
    }
  });
});

describe('an ONNX file', () => {
  const { network, weights } = trained(everyOperation);
  const pictures = ['one', 'two', 'three'].map((seed) => picture(network, seed));
  const expected = pictures.map((values) => forward(network, weights, values));
  const write = (options: Partial<OnnxOptions> = {}) => onnxModel(network, weights, { ...plain, ...options });

  it('is as in the golden file', () => {
    const small = trained(parseArchitecture('nas1:6x6x1 ir_k3_s2_e4_c3_se2_hs_skippool gap fc_c2_id'));
    const bytes = onnxModel(small.network, small.weights, {
      ...plain,
      batch: 'N',
      metadata: { classes: '["a","b"]' },
      version: '0.1.0',
    });
    const lines = Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,100}/g) as string[];
    expectGolden('export/golden/model.onnx.base64', lines.join('\n'));
  });

  it('says its names and shapes', async () => {
    const session = await openOnnx(write({ batch: 'N', outputs: ['logits', '3.expand'] }), { threads: 1 });
    expect(session.inputs).toEqual([{ name: 'images', type: 'float32', shape: ['N', 2, 9, 8] }]);
    expect(session.outputs).toEqual([
      { name: 'logits', type: 'float32', shape: ['N', 5] },
      { name: '3.expand', type: 'float32', shape: ['N', 10, 3, 2] },
    ]);
    session.dispose();
    const fixed = await openOnnx(write({ batch: 4 }), { threads: 1 });
    expect(fixed.inputs[0]?.shape).toEqual([4, 2, 9, 8]);
    expect(fixed.outputs[0]?.shape).toEqual([4, 5]);
    fixed.dispose();
  });

  it.each([1, 3])('with a free batch takes %d pictures', async (count) => {
    const { logits } = await runOnnx(write({ batch: 'N' }), pictures.slice(0, count), network);
    expect(logits?.shape).toEqual([count, 5]);
    expect(
      relativeError(
        logits!.values,
        expected.slice(0, count).flatMap((row) => [...row]),
      ),
    ).toBeLessThan(1e-5);
  });

  it('with a fixed batch takes no other', async () => {
    await expect(runOnnx(write({ batch: 2 }), pictures, network)).rejects.toMatchObject({
      code: 'NAS_ONNX_RUN',
    });
  });

  const mean = [0.4, 0.6];
  const deviation = [0.25, 0.5];
  it.each(['unit', 'bytes'] as const)('with %s pixels normalises by itself', async (kind) => {
    const rng = createRng(kind);
    const bytes = Uint8Array.from({ length: 9 * 8 * 2 }, () => rng.integer(256));
    const unit = Float32Array.from(bytes, (byte) => byte / 255);
    const normalised = Array.from(unit, (value, i) => (value - mean[i % 2]!) / deviation[i % 2]!);
    const file = write({ pixels: { kind, mean, deviation } });
    const { logits } = await runOnnx(file, [kind === 'bytes' ? bytes : unit], network);
    expect(relativeError(logits!.values, forward(network, weights, normalised))).toBeLessThan(1e-5);
  });

  it('gives results of layers and probabilities in addition to the logits, each as the reference', async () => {
    const [first = new Float32Array()] = pictures;
    const results = forwardAll(network, weights, first);
    const names = ['probabilities', '3.expand', '9.pool', 'logits', '12.dense'];
    const found = await runOnnx(write({ outputs: names }), [first], network);
    expect(Object.keys(found)).toEqual(names);
    expect(found['9.pool']?.shape).toEqual([1, 10]);
    expect(relativeError(found['9.pool']!.values, results.get('9.pool')!)).toBeLessThan(1e-5);
    const map = channelsFirst(results.get('3.expand')!, 10);
    expect(relativeError(found['3.expand']!.values, map)).toBeLessThan(1e-5);
    expect(found['12.dense']!.values).toEqual(found['logits']!.values);
    const powers = Array.from(expected[0]!, Math.exp);
    const sum = powers.reduce((a, b) => a + b, 0);
    const softmax = powers.map((value) => value / sum);
    expect(relativeError(found['probabilities']!.values, softmax)).toBeLessThan(1e-5);
  });

  it('carries hostile texts as texts', async () => {
    const metadata = { classes: '["\u0000","${x}","\\u2028</script>","∞😀"]', '__proto__ ': "'; DROP TABLE" };
    const bytes = write({ metadata });
    const text = Buffer.from(bytes).toString();
    for (const value of Object.values(metadata)) expect(text).toContain(value);
    const { logits } = await runOnnx(bytes, pictures.slice(0, 1), network);
    expect(relativeError(logits!.values, expected[0]!)).toBeLessThan(1e-5);
  });

  it('holds each weight once and no layer that no output needs', () => {
    const all = write({ outputs: ['logits', 'probabilities', '1.add'] });
    const part = write({ outputs: ['1.add'] });
    const count = (bytes: Uint8Array, word: string) =>
      Buffer.from(bytes).toString('latin1').split(word).length - 1;
    expect(count(all, '1.project/Conv')).toBe(count(part, '1.project/Conv'));
    expect(count(part, '2.expand')).toBe(0);
    expect(all.length).toBeLessThan(write({ outputs: ['logits'] }).length + 500);
  });
});

describe('feature maps', () => {
  const large = presetArchitecture('mobilenet_v3_large', full);
  /** RT-DETR's sizes at 640×640: a tenth of it in each direction here. */
  const { network, weights } = trained({ ...large, input: [64, 64, 3] });
  const names = ['c2', 'c3', 'c4', 'c5'];

  it('are the last results at strides 4, 8, 16 and 32', async () => {
    const values = picture(network);
    const results = forwardAll(network, weights, values);
    const found = await runOnnx(onnxModel(network, weights, { ...plain, outputs: names }), [values], network);
    const layers = ['3.add', '6.add', '12.add', '16.conv'];
    expect(names.map((name) => found[name]?.shape)).toEqual([
      [1, 24, 16, 16],
      [1, 40, 8, 8],
      [1, 112, 4, 4],
      [1, 960, 2, 2],
    ]);
    for (const [i, name] of names.entries()) {
      const layer = network.layers.find((known) => known.name === layers[i])!;
      const map = channelsFirst(results.get(layer.name)!, layer.out[2]);
      expect(relativeError(found[name]!.values, map), name).toBeLessThan(1e-4);
    }
  });

  it('are refused by the strides there are', () => {
    const small = trained(presetArchitecture('mobilenet_v3_large', { input: [28, 28, 1], classes: 10 }));
    const write = () => onnxModel(small.network, small.weights, { ...plain, outputs: ['c3', 'c4'] });
    expect(write).toThrow(
      expect.objectContaining({
        code: 'NAS_NO_FEATURE',
        message: expect.stringMatching(/no c4: .*stride 16; expected .*: 1, 2, 4, 8/) as string,
      }),
    );
  });

  it.each(['c0', 'c33', 'logit', '3.expnd', '', 'input'])('are not named %j', (name) => {
    expect(() => onnxModel(network, weights, { ...plain, outputs: [name] })).toThrow(
      expect.objectContaining({ code: 'NAS_UNKNOWN_OUTPUT' }),
    );
  });
});

it('weights that do not fit are refused', () => {
  const network = buildNetwork(everyOperation);
  expect(() => onnxModel(network, new Map(), plain)).toThrow(RangeError);
});
