import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backboneOf, DEFAULT_SIZES, describeDetector } from '../../src/detector/index.js';
import { exporterFor } from '../../src/export/index.js';
import { buildNetwork, featureMaps } from '../../src/network/index.js';
import { presetArchitecture, type Architecture } from '../../src/space/index.js';
import { temporaryFolder } from '../app/samples.js';
import { missing, runScript } from '../export/python.js';
import { sampleOf } from '../export/samples.js';
import { channelsFirst } from '../export/onnx-run.js';
import { forwardAll } from '../network/forward.js';
import { relativeError } from '../network/samples.js';
import { createRng } from '../../src/core/index.js';

const SIDE = 128;
const AGREES = 1e-4;
const preset = (name: string) => presetArchitecture(name, { input: [SIDE, SIDE, 3], classes: 10 });

/** Writes an export and a picture, and says what our own forward pass makes of its maps C3 to C5. */
function write(folder: string, format: string, architecture: Architecture) {
  const sample = sampleOf(architecture);
  const network = buildNetwork(architecture);
  const out = join(folder, format);
  mkdirSync(out);
  for (const { path, bytes } of exporterFor(format).export(sample)) writeFileSync(join(out, path), bytes);
  const rng = createRng(1).fork('picture');
  const picture = Float32Array.from({ length: SIDE * SIDE * 3 }, () => rng.uniform());
  const input = join(folder, 'input.bin');
  writeFileSync(input, new Uint8Array(channelsFirst(picture, 3).buffer));
  const { mean, deviation } = sample;
  const normalised = picture.map((pixel, at) => (pixel - (mean[at % 3] ?? 0)) / (deviation[at % 3] ?? 1));
  const results = forwardAll(network, sample.weights, normalised, sample.epsilon);
  const expected = featureMaps(network)
    .filter(({ level }) => level >= 3)
    .flatMap(({ layer }) => [
      ...channelsFirst(Float32Array.from(results.get(layer.name) ?? []), layer.out[2]),
    ]);
  return { out, input, expected };
}

function floatsIn(file: string): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
}

describe('an export for Ultralytics', { timeout: 1_200_000 }, () => {
  it('builds, computes, trains, exports and is known to other processes', (context) => {
    const reason = missing('ultralytics');
    if (reason !== undefined) context.skip(reason);
    using folder = temporaryFolder();
    const architecture = preset('mobilenet_v3_small');
    const { out, expected } = write(folder.path, 'ultralytics', architecture);
    const maps = join(folder.path, 'maps.bin');
    const found = runScript(new URL('run_ultralytics.py', import.meta.url), [
      ...[out, folder.path, String(SIDE), maps],
    ]) as Record<string, unknown>;
    const ours = describeDetector(
      backboneOf('small', { ...architecture, input: [640, 640, 3] }),
      [640, 640],
      DEFAULT_SIZES,
    );
    expect(relativeError(floatsIn(maps), expected)).toBeLessThan(AGREES);
    expect(found['params']).toBe(ours.params);
    expect(found['gflops']).toBeCloseTo(ours.gflops, 9);
    expect(found).toMatchObject({
      detections: [1, 300, 6],
      ...{ amp: false, trainer: 'Trainer', trainedBackbone: 1 },
      otherProcess: [expect.stringMatching(/^BUILT Trainer NasBackbone_/)],
      // A picture of 64×64 has 8×8, 4×4 and 2×2 places for objects.
      exported: [1, 84, 6],
      operators: ['GridSample'],
    });
    const losses = found['loss'] as readonly number[];
    expect(losses).toHaveLength(3);
    expect(losses.every(Number.isFinite)).toBe(true);
  });
});

describe("an export for RT-DETR's own repositories", { timeout: 300_000 }, () => {
  it.for([
    ['rtdetr', 'src'],
    ['dfine', 'src'],
    ['deim', 'engine'],
  ] as const)('keeps to the registry of %s', ([format, root], context) => {
    const reason = missing('torch');
    if (reason !== undefined) context.skip(reason);
    using folder = temporaryFolder();
    const { out, input, expected } = write(folder.path, format, preset('mobilenet_v3_small'));
    const found = runScript(new URL('run_registry.py', import.meta.url), [out, root, input, String(SIDE)]);
    const [c3, c4, c5] = [
      [1, 24, 16, 16],
      [1, 48, 8, 8],
      [1, 576, 4, 4],
    ];
    expect(relativeError(floatsIn(join(out, 'maps.bin')), expected)).toBeLessThan(AGREES);
    const name = expect.stringMatching(/^NasBackbone_/) as string;
    expect(found).toEqual({
      registered: [[name], [name]],
      arguments: { return_idx: [0, 1, 2], pretrained: true, freeze_at: -1, freeze_norm: false },
      maps: [c3, c4, c5],
      params: 927_008,
      subsets: [[c3], [c4, c5], [c3, c5]],
      trained: ['10', '11', '12', '2', '3', '4', '5', '6', '7', '8', '9'],
      frozenNorms: true,
      gradients: true,
      unknown: 'refused',
    });
  });
});
