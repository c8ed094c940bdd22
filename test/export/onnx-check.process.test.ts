import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allowance, nudged } from '../../src/app/export/rounding.js';
import { evaluationPictures, normalised } from '../../src/app/export/stored-accuracy.js';
import { verifyOnnx } from '../../src/app/export/verify-onnx.js';
import { ratio } from '../../src/core/index.js';
import { onnxExporter, type OnnxExportOptions, type TrainedNetwork } from '../../src/export/index.js';
import { buildNetwork } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { writePictures } from '../app/pictures.js';
import { fakeStudy, placesIn, temporaryFolder } from '../app/samples.js';
import { nas } from '../cli/nas.js';
import { writeStudy } from '../cli/studies.js';
import { forward } from '../network/forward.js';
import { sampleOf } from './samples.js';

/** Processes run the built sources: without TensorFlow our own forward pass is the reference backend's. */
const places = placesIn('nowhere');
const trained: TrainedNetwork = {
  ...sampleOf(
    parseArchitecture(
      'nas1:12x12x3 cn_k3_s2_c6_hs ir_k5_s2_e12_c8_se4_re_skippool ir_k3_s2_e16_c10_hs gap fc_c2_id',
    ),
  ),
  evaluationSplit: 'validation',
};

function check(options: OnnxExportOptions, written: TrainedNetwork = trained) {
  const surroundings = { places, flavour: 'cpu', spec: null } as const;
  return verifyOnnx(onnxExporter(options).export(written), trained, options, surroundings);
}

describe('an ONNX export, run in ONNX Runtime,', () => {
  it.each<[string, OnnxExportOptions]>([
    [
      'with numbers from 0 to 1, a fixed batch and probabilities',
      { pixels: 'unit', batch: 3, outputs: ['probabilities', 'logits'] },
    ],
    ['with its gates as clipped sums', { gate: 'clip', outputs: ['logits', 'c2'] }],
    ['with feature maps at another size', { input: [40, 33], outputs: ['c1', 'c2', 'c3', '2.expand'] }],
  ])('agrees with our forward pass %s', async (_, options) => {
    const { difference, verified } = await check(options);
    expect(difference).toBeLessThan(1e-5);
    expect(verified).toBeNull();
  });

  it('is refused when a weight differs, in the logits or in a map', async () => {
    const weights = new Map(trained.weights);
    weights.set(
      '1.project.scale',
      weights.get('1.project.scale')!.map((value) => value * 1.5),
    );
    for (const outputs of [['logits'], ['c2']]) {
      await expect(check({ outputs }, { ...trained, weights })).rejects.toMatchObject({
        code: 'NAS_EXPORT_DIFFERS',
        found: expect.stringContaining(`ONNX Runtime's ${outputs[0]} differ`) as string,
      });
    }
  });

  it('is held against the stored accuracy, on the pictures it was counted on', async () => {
    using folder = temporaryFolder();
    const pictures = join(folder.path, 'pictures');
    await writePictures(pictures, 12, 25);
    const data = { name: `images:${pictures}`, folder: folder.path, heldOut: 0.4, size: 12, limit: null };
    const spec = fakeStudy({ data, task: { input: [12, 12, 3], classes: 2 } });
    const examples = await evaluationPictures(spec, trained);
    const size = 12 * 12 * 3;
    const input = normalised(examples, trained);
    const network = buildNetwork(trained.architecture);
    const right = [...examples.labels].filter((label, i) => {
      const [a = 0, b = 0] = forward(network, trained.weights, input.subarray(i * size, (i + 1) * size));
      return label === (a >= b ? 0 : 1);
    }).length;
    const known = { ...trained, accuracy: ratio(right / examples.count) };
    const options = { pixels: 'bytes', batch: 7 } as const;
    const artifacts = onnxExporter(options).export(known);
    const surroundings = { places, flavour: 'cpu', spec } as const;
    const { verified } = await verifyOnnx(artifacts, known, options, surroundings);
    expect(verified).toMatchObject({ correct: right, count: examples.count });
    const other = { ...known, accuracy: ratio((right + (right > 5 ? -5 : 5)) / examples.count) };
    await expect(verifyOnnx(artifacts, other, options, surroundings)).rejects.toMatchObject({
      code: 'NAS_EXPORT_DIFFERS',
    });
  });
});

describe('what roundings are allowed', () => {
  it('is 1e-4 where they stay small, more where they grow, and never everything', () => {
    const own = Float32Array.of(1, -2);
    expect(allowance(own, Float32Array.of(1, -2.000001))).toBe(1e-4);
    expect(allowance(own, Float32Array.of(1, -2.0002))).toBeCloseTo(3e-3, 5);
    expect(allowance(own, Float32Array.of(1, -3))).toBe(0.05);
    expect(allowance(own, Float32Array.of(1, Number.NaN))).toBe(0.05);
  });

  it('is found by moving every weight by about one unit in its last place', () => {
    const before = trained.weights.get('0.conv.kernel')!;
    const after = nudged(trained.weights).get('0.conv.kernel')!;
    const moves = Array.from(after, (value, i) => (value - before[i]!) / before[i]!);
    expect(Math.max(...moves.map(Math.abs))).toBeLessThanOrEqual(2 ** -22);
    const up = moves.filter((move) => move > 0).length;
    expect(up / moves.length).toBeGreaterThan(0.3);
    expect(moves.filter((move) => move < 0).length / moves.length).toBeGreaterThan(0.3);
  });
});

describe('nas export --format onnx', () => {
  it('names its outputs where the size is not the trained one', () => {
    expect(() => onnxExporter({ input: [32, 32] }).export(trained)).toThrow(
      expect.objectContaining({ code: 'NAS_OUTPUTS_NEEDED' }),
    );
    expect(onnxExporter({ input: [12, 12] }).export(trained)).toHaveLength(2);
  });

  it('writes checked files, and nothing when it cannot', async () => {
    using folder = temporaryFolder();
    const runs = join(folder.path, 'runs');
    writeStudy(runs, fakeStudy(), 1, true);
    const run = (...args: string[]) => nas(['export', '1', ...args], { cwd: folder.path });
    const [maps, foreign, missing] = await Promise.all([
      run('--format', 'onnx', '--no-verify', '--out', 'maps', '--input', '32', '--outputs', 'c1,c2'),
      run('--format', 'tfjs', '--no-verify', '--out', 'foreign', '--batch', '4'),
      run('--format', 'onnx', '--no-verify', '--out', 'missing', '--outputs', 'c2,c9'),
    ]);
    expect(maps.stderr).toMatch(/^computes as trained: outputs differ by \d\.\de-\d+ at most, relative$/m);
    expect(maps).toMatchObject({ code: 0, stdout: 'maps/model.onnx\nmaps/metadata.json\n' });
    const described = JSON.parse(readFileSync(join(folder.path, 'maps/metadata.json'), 'utf8')) as object;
    expect(described).toMatchObject({
      preprocessing: { layout: 'NCHW' },
      outputs: { c1: { stride: 2 }, c2: { stride: 4 } },
      origin: { study: 'demo', trial: 1 },
    });
    expect(foreign).toMatchObject({ code: 2, stderr: expect.stringContaining('NAS_OTHER_FORMAT') as string });
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('NAS_NO_FEATURE') as string });
    expect(readdirSync(folder.path).sort()).toEqual(['maps', 'runs']);
    expect(existsSync(join(runs, 'demo/exports'))).toBe(false);
  });
});
