import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { requireOwnLogits } from '../../src/app/export/random-pictures.js';
import { setupFolder } from '../../src/core/index.js';
import { exporterFor, type TrainedNetwork } from '../../src/export/index.js';
import { buildNetwork } from '../../src/network/index.js';
import { presetArchitecture } from '../../src/space/index.js';
import { placesIn, temporaryFolder } from '../app/samples.js';
import { forward } from '../network/forward.js';
import { everyOperation, picture, relativeError } from '../network/samples.js';
import { missing, runTensorflow } from './python.js';
import { sampleOf } from './samples.js';

const AGREES = 1e-4;
const SAMPLES = [
  everyOperation,
  presetArchitecture('mobilenet_v3_small', { input: [64, 48, 3], classes: 10 }),
].map(sampleOf);

function write(folder: string, sample: TrainedNetwork): void {
  for (const { path, bytes } of exporterFor('savedmodel').export(sample)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

describe('an exported SavedModel', { timeout: 300_000 }, () => {
  it('computes what our forward pass does in TensorFlow, loaded by tf.node.loadSavedModel', (context) => {
    const binding = join(setupFolder(), 'cpu/tfjs_binding.node');
    if (!existsSync(binding)) context.skip('TensorFlow is not set up');
    for (const sample of SAMPLES) {
      using folder = temporaryFolder();
      write(folder.path, sample);
      const { input } = sample.architecture;
      const script = fileURLToPath(new URL('load-saved-model.cjs', import.meta.url));
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [script, binding, folder.path, JSON.stringify([1, ...input])],
        { encoding: 'utf8', env: { ...process.env, CUDA_VISIBLE_DEVICES: '-1' } },
      );
      const last = stdout.trim().split('\n').at(-1) ?? '';
      expect(last, stderr.slice(-500)).toMatch(/^\[/);
      const ones = new Float32Array(input[0] * input[1] * input[2]).fill(1);
      const expected = forward(buildNetwork(sample.architecture), sample.weights, ones);
      expect(relativeError(JSON.parse(last) as number[], expected)).toBeLessThan(AGREES);
    }
  });

  it('computes what our forward pass does in Python', (context) => {
    const reason = missing('tensorflow');
    if (reason !== undefined) context.skip(reason);
    using folder = temporaryFolder();
    const jobs = SAMPLES.map((sample, at) => {
      const place = join(folder.path, String(at));
      write(place, sample);
      const input = join(place, 'input.bin');
      writeFileSync(input, new Uint8Array(picture(buildNetwork(sample.architecture)).buffer));
      return { folder: place, input, shape: [1, ...sample.architecture.input] };
    });
    const listing = join(folder.path, 'jobs.json');
    writeFileSync(listing, JSON.stringify(jobs));
    const { outputs } = runTensorflow(listing);
    for (const [at, { architecture, weights }] of SAMPLES.entries()) {
      const network = buildNetwork(architecture);
      expect(relativeError(outputs[at]!, forward(network, weights, picture(network)))).toBeLessThan(AGREES);
    }
  });
});

describe('logits of an export', () => {
  it('are refused where they are not those of our own forward pass', async () => {
    const [sample] = SAMPLES as [TrainedNetwork, TrainedNetwork];
    const own = { places: placesIn('nowhere'), flavour: 'cpu' } as const;
    const wrong = new Float32Array(2 * sample.classes.length).fill(0.5);
    await expect(requireOwnLogits(wrong, "PyTorch's", sample, own)).rejects.toMatchObject({
      code: 'NAS_EXPORT_DIFFERS',
      found: expect.stringContaining("PyTorch's logits differ from our forward pass") as string,
    });
    const other = { ...sample, study: null, trial: null };
    await expect(requireOwnLogits(wrong, "PyTorch's", other, own)).rejects.toMatchObject({
      fix: 'report this with the line above. Nothing was written',
    });
  });
});
