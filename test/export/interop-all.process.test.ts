import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { exporterFor } from '../../src/export/index.js';
import { buildNetwork } from '../../src/network/index.js';
import {
  paramsOf,
  presetArchitecture,
  presetNames,
  searchSpace,
  spaceNames,
  type Architecture,
} from '../../src/space/index.js';
import { temporaryFolder } from '../app/samples.js';
import { forward } from '../network/forward.js';
import { picture, relativeError } from '../network/samples.js';
import { channelsFirst } from './onnx-run.js';
import { missing, runPython, runTensorflow, runTorch } from './python.js';
import { sampleOf } from './samples.js';

const AGREES = 1e-4;
const RESULTS = fileURLToPath(new URL('../../bench/interop/results.json', import.meta.url));
const task = { input: [64, 64, 3], classes: 10 } as const;

/** All presets, and 20 networks drawn from the built-in spaces. */
function networks(): readonly (readonly [string, Architecture])[] {
  const drawn = Array.from({ length: 20 }, (_, i) => {
    const name = spaceNames[i % spaceNames.length] ?? '';
    const space = searchSpace(name, task);
    const rng = createRng(`interop ${i}`);
    const genome = space.choices.map(({ options }) => rng.integer(options.length));
    return [`${name} ${i}`, space.decode(genome)] as const;
  });
  return [...presetNames.map((name) => [name, presetArchitecture(name, task)] as const), ...drawn];
}

describe('every preset and 20 random networks, in the libraries that they are exported for,', () => {
  it('compute what our forward pass does', { timeout: 3_600_000 }, (context) => {
    if (process.env['NAS_INTEROP'] !== 'all') context.skip('takes minutes: npm run test:interop runs it');
    for (const library of ['torch', 'ort', 'tensorflow'] as const) expect(missing(library)).toBeUndefined();
    using folder = temporaryFolder();
    const cases = networks().map(([name, architecture], at) => {
      const sample = sampleOf(architecture);
      const network = buildNetwork(architecture);
      const input = picture(network);
      const place = join(folder.path, String(at));
      for (const format of ['pytorch', 'onnx', 'savedmodel'])
        for (const { path, bytes } of exporterFor(format).export(sample)) {
          mkdirSync(dirname(join(place, format, path)), { recursive: true });
          writeFileSync(join(place, format, path), bytes);
        }
      writeFileSync(join(place, 'nhwc.bin'), new Uint8Array(input.buffer));
      writeFileSync(join(place, 'nchw.bin'), new Uint8Array(channelsFirst(input, 3).buffer));
      return { name, place, architecture, expected: forward(network, sample.weights, input) };
    });
    const listingOf = (jobs: readonly object[]): string => {
      const listing = join(folder.path, 'jobs.json');
      writeFileSync(listing, JSON.stringify(jobs));
      return listing;
    };
    const [height, width, channels] = task.input;
    const nchw = { shape: [1, channels, height, width] };
    const torch = runTorch(
      listingOf(
        cases.map(({ place }) => ({ folder: `${place}/pytorch`, input: `${place}/nchw.bin`, ...nchw })),
      ),
    );
    const ort = runPython(
      'ort',
      listingOf(
        cases.map(({ place }) => ({
          model: `${place}/onnx/model.onnx`,
          input: `${place}/nchw.bin`,
          ...nchw,
        })),
      ),
    );
    const nhwc = { shape: [1, ...task.input] };
    const tensorflow = runTensorflow(
      listingOf(
        cases.map(({ place }) => ({ folder: `${place}/savedmodel`, input: `${place}/nhwc.bin`, ...nhwc })),
      ),
    );
    const found = cases.map(({ name, architecture, expected }, at) => {
      const { logits, params, scripted, exported, trained } = torch.results[at]!;
      return {
        name,
        params,
        expectedParams: paramsOf(architecture),
        pytorch: relativeError(logits, expected),
        scripted,
        exported,
        onnxruntime: relativeError(ort.outputs[at]!, expected),
        tensorflow: relativeError(tensorflow.outputs[at]!, expected),
        losses: trained.losses,
        withoutGradient: trained.without,
      };
    });
    const versions = { torch: torch.version, onnxruntime: ort.version, tensorflow: tensorflow.version };
    const about = {
      command: 'npm run test:interop',
      pictures: task.input,
      errors:
        'largest difference of a logit to our forward pass in double precision, relative to the largest logit',
      weights: 'random, with random statistics of normalisation; not trained',
    };
    mkdirSync(dirname(RESULTS), { recursive: true });
    writeFileSync(RESULTS, `${JSON.stringify({ about, versions, networks: found }, null, 2)}\n`);
    for (const one of found) {
      for (const error of [one.pytorch, one.onnxruntime, one.tensorflow])
        expect(error, one.name).toBeLessThan(AGREES);
      expect(one.params, one.name).toBe(one.expectedParams);
      expect(one.withoutGradient, one.name).toEqual([]);
      expect(one.losses.every(Number.isFinite), one.name).toBe(true);
    }
    expect(found).toHaveLength(presetNames.length + 20);
  });
});
