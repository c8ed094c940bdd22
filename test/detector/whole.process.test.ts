import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { DEFAULT_SIZES } from '../../src/detector/index.js';
import { exporterFor } from '../../src/export/index.js';
import { detectorModel } from '../../src/export/rt-detr/onnx/model.js';
import { randomParameters } from '../../src/export/rt-detr/onnx/parameters.js';
import { buildNetwork, encodeTensors } from '../../src/network/index.js';
import { presetArchitecture } from '../../src/space/index.js';
import { temporaryFolder } from '../app/samples.js';
import { missing, runScript } from '../export/python.js';
import { sampleOf } from '../export/samples.js';

const SIDE = 128;
const LEVELS = [3, 4, 5];
const AGREES = 1e-4;
const INPUT = [SIDE, SIDE] as const;

/** Writes what `run_whole.py` reads, runs it, and gives the parameters as well. */
function run(folder: string, name: string) {
  const parameters = randomParameters(createRng('whole').fork(name));
  let yaml = 'rtdetr-l.yaml';
  let modules = '-';
  let bytes: Uint8Array;
  if (name === 'rtdetr-l') bytes = detectorModel({ input: INPUT, levels: LEVELS }, DEFAULT_SIZES, parameters);
  else {
    const sample = sampleOf(presetArchitecture(name, { input: [SIDE, SIDE, 3], classes: 10 }));
    const { mean, deviation, weights, epsilon } = sample;
    modules = join(folder, 'export');
    mkdirSync(modules);
    for (const { path, bytes: content } of exporterFor('ultralytics').export(sample)) {
      writeFileSync(join(modules, path), content);
      if (path.endsWith('.yaml')) yaml = join(modules, path);
    }
    const network = buildNetwork(sample.architecture);
    const pixels = { kind: 'unit', mean, deviation } as const;
    const backbone = { network, weights, epsilon, pixels, levels: LEVELS };
    bytes = detectorModel(backbone, DEFAULT_SIZES, parameters);
  }
  const at = (file: string) => join(folder, file);
  writeFileSync(at('model.onnx'), bytes);
  writeFileSync(
    at('model.safetensors'),
    encodeTensors(parameters.taken, () => ({ format: 'pt' })),
  );
  const rng = createRng(1).fork('picture');
  const picture = Float32Array.from({ length: SIDE * SIDE * 3 }, () => rng.uniform());
  writeFileSync(at('input.bin'), new Uint8Array(picture.buffer));
  const found = runScript(new URL('run_whole.py', import.meta.url), [
    ...[yaml, modules, at('model.safetensors'), at('model.onnx'), at('input.bin'), String(SIDE)],
  ]) as Record<string, unknown>;
  return { found, parameters };
}

describe('the whole detector as ONNX', { timeout: 600_000 }, () => {
  it.for(['mobilenet_v3_small', 'rtdetr-l'])('computes with %s what PyTorch does', (name, context) => {
    const reason = missing('ultralytics');
    if (reason !== undefined) context.skip(reason);
    using folder = temporaryFolder();
    const { found } = run(folder.path, name);
    const training = [0, 1, 2, 3, 4].flatMap((layer) =>
      ['weight', 'bias'].map((part) => `dec_score_head.${layer}.${part}`),
    );
    expect(found['unknown']).toEqual([]);
    const missingNames = (found['missing'] as readonly string[]).map((each) =>
      each.replace(/^model\.\d+\./, ''),
    );
    expect(missingNames.sort()).toEqual(['denoising_class_embed.weight', ...training].sort());
    expect(found['shapes']).toEqual([
      [1, 300, 4],
      [1, 300, 80],
    ]);
    expect(found['operators']).toEqual(expect.arrayContaining(['GridSample', 'TopK']));
    for (const spread of found['spread'] as readonly number[]) expect(spread).toBeGreaterThan(1e-2);
    for (const error of found['errors'] as readonly number[]) expect(error).toBeLessThan(AGREES);
  });
});
