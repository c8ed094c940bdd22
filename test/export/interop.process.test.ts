import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onnxModel } from '../../src/export/onnx/model.js';
import { buildNetwork } from '../../src/network/index.js';
import { parseArchitecture, presetArchitecture, type Architecture } from '../../src/space/index.js';
import { temporaryFolder } from '../app/samples.js';
import { forward } from '../network/forward.js';
import { picture, relativeError, trained } from '../network/samples.js';
import { channelsFirst } from './onnx-run.js';
import { missing, runPython, type Job, type Runtime } from './python.js';

/** Networks with every gate and activation, and presets for small pictures, whose gates stand at every width. */
const NETWORKS: readonly (readonly [string, Architecture])[] = [
  [
    'every gate and activation',
    parseArchitecture(
      'nas1:24x20x3 cn_k3_s2_c8_hs ir_k3_s1_e16_c8_se8_re ds_k3_s1_c8_se4sig_r6 ir_k5_s2_e24_c12_se8_hs gap fc_c5_id',
    ),
  ],
  ['mobilenet_v3_small', presetArchitecture('mobilenet_v3_small', { input: [64, 64, 3], classes: 10 })],
  ['mnasnet_a1', presetArchitecture('mnasnet_a1', { input: [64, 64, 3], classes: 10 })],
];

/** As many numbers as an output's largest differ from ours by; two correct programs stay far below. */
const AGREES = 1e-4;

/** Runs every network, gates written so, and gives each one's difference from our own forward pass. */
function differences(runtime: Runtime, gate: 'hard-sigmoid' | 'clip'): ReadonlyMap<string, number> {
  using folder = temporaryFolder();
  const cases = NETWORKS.map(([name, architecture], at) => {
    const { weights, epsilon } = { ...trained(architecture), epsilon: 1e-3 };
    const network = buildNetwork(architecture);
    const input = picture(network);
    const [height, width, channels] = architecture.input;
    const job: Job = {
      model: join(folder.path, `${at}.onnx`),
      input: join(folder.path, `${at}.bin`),
      shape: [1, channels, height, width],
    };
    writeFileSync(job.model, onnxModel(network, weights, { epsilon, batch: 1, gate }));
    writeFileSync(job.input, new Uint8Array(channelsFirst(input, channels).buffer));
    return { name, job, expected: forward(network, weights, input) };
  });
  const listing = join(folder.path, 'jobs.json');
  writeFileSync(listing, JSON.stringify(cases.map(({ job }) => job)));
  const { outputs } = runPython(runtime, listing);
  return new Map(cases.map(({ name, expected }, at) => [name, relativeError(outputs[at] ?? [], expected)]));
}

describe('an exported ONNX network, run from Python,', { timeout: 300_000 }, () => {
  it.for<readonly [Runtime, 'hard-sigmoid' | 'clip']>([
    ['ort', 'hard-sigmoid'],
    ['ort', 'clip'],
    ['cv2', 'clip'],
  ])('computes in %s with gate %s what our forward pass does', ([runtime, gate], context) => {
    const reason = missing(runtime);
    if (reason !== undefined) context.skip(reason);
    const found = differences(runtime, gate);
    for (const [name, difference] of found) expect(difference, name).toBeLessThan(AGREES);
    expect(found.size).toBe(NETWORKS.length);
  });

  it('comes out otherwise, or not at all, in OpenCV 4 with its own HardSigmoid, so that clip is needed', (context) => {
    const reason = missing('cv2');
    if (reason !== undefined) context.skip(reason);
    let found = Number.POSITIVE_INFINITY;
    try {
      found = Math.max(...differences('cv2', 'hard-sigmoid').values());
    } catch (error) {
      expect(String(error)).toContain('cv2.error');
    }
    expect(found).toBeGreaterThan(AGREES);
  });
});
