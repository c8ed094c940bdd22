import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kerasExporter } from '../../src/export/keras/exporter.js';
import { buildNetwork } from '../../src/network/index.js';
import { paramsOf, presetArchitecture, type Architecture } from '../../src/space/index.js';
import { temporaryFolder } from '../app/samples.js';
import { forward } from '../network/forward.js';
import { everyOperation, picture, relativeError } from '../network/samples.js';
import { missing, runTensorflow } from './python.js';
import { sampleOf } from './samples.js';

const small = presetArchitecture('mobilenet_v3_small', { input: [32, 32, 3], classes: 10 });
const NETWORKS: readonly Architecture[] = [
  everyOperation,
  { ...everyOperation, padding: 'symmetric' },
  small,
  { ...small, padding: 'symmetric' },
];

it(
  'Keras opens a .keras file, computes as our forward pass and trains it',
  { timeout: 600_000 },
  (context) => {
    const reason = missing('tensorflow');
    if (reason !== undefined) context.skip(reason);
    using folder = temporaryFolder();
    const jobs = NETWORKS.map((architecture, at) => {
      const keras = join(folder.path, `${at}.keras`);
      const input = join(folder.path, `${at}.bin`);
      writeFileSync(keras, kerasExporter.export(sampleOf(architecture))[0]!.bytes);
      writeFileSync(input, new Uint8Array(picture(buildNetwork(architecture)).buffer));
      return { keras, input, shape: [1, ...architecture.input] };
    });
    const listing = join(folder.path, 'jobs.json');
    writeFileSync(listing, JSON.stringify(jobs));
    const { models } = runTensorflow(listing);
    for (const [at, architecture] of NETWORKS.entries()) {
      const network = buildNetwork(architecture);
      const expected = forward(network, sampleOf(architecture).weights, picture(network));
      const { logits, params, losses, layers } = models[at]!;
      expect(relativeError(logits, expected)).toBeLessThan(1e-4);
      expect(params).toBe(paramsOf(architecture));
      expect(losses.every(Number.isFinite)).toBe(true);
      expect(layers).toContain('0.conv.bn');
    }
  },
);
