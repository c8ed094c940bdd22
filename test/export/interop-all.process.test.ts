import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exporterFor, runTfjs } from '../../src/export/index.js';
import { buildNetwork } from '../../src/network/index.js';
import { formatArchitecture, paramsOf, presetNames } from '../../src/space/index.js';
import { temporaryFolder } from '../app/samples.js';
import { isSetUp, prepare } from '../backends/tensorflow.js';
import { forward } from '../network/forward.js';
import { picture, relativeError } from '../network/samples.js';
import { DRAWN, interopCases, TASK, type Case } from './interop-networks.js';
import { channelsFirst } from './onnx-run.js';
import { missing, runPython, runTensorflow, runTorch } from './python.js';
import { sampleOf } from './samples.js';

const AGREES = 1e-4;
const RESULTS = fileURLToPath(new URL('../../bench/interop/results.json', import.meta.url));
interface Written extends Pick<Case, 'name' | 'architecture' | 'steps'> {
  readonly place: string;
  readonly expected: ArrayLike<number>;
  readonly tfjs: number;
}

const FORMATS = ['pytorch', 'onnx', 'savedmodel', 'keras'] as const;

describe('every preset and 20 trained networks, in the libraries that they are exported for,', () => {
  it('compute what our forward pass does', { timeout: 3_600_000 }, async (context) => {
    if (process.env['NAS_INTEROP'] !== 'all') context.skip('takes minutes: npm run test:interop runs it');
    for (const library of ['torch', 'ort', 'tensorflow'] as const) expect(missing(library)).toBeUndefined();
    expect(isSetUp).toBe(true);
    using folder = temporaryFolder();
    await using backend = await prepare(1).make();
    const cases: Written[] = [];
    for (const [at, { name, architecture, weights, steps }] of interopCases(backend).entries()) {
      const sample = { ...sampleOf(architecture), weights };
      const network = buildNetwork(architecture);
      const input = picture(network);
      const place = join(folder.path, String(at));
      for (const format of FORMATS)
        for (const { path, bytes } of exporterFor(format).export(sample)) {
          mkdirSync(dirname(join(place, format, path)), { recursive: true });
          writeFileSync(join(place, format, path), bytes);
        }
      writeFileSync(join(place, 'nhwc.bin'), new Uint8Array(input.buffer));
      writeFileSync(join(place, 'nchw.bin'), new Uint8Array(channelsFirst(input, 3).buffer));
      const expected = forward(network, weights, input);
      const tfjs = relativeError(await runTfjs(exporterFor('tfjs').export(sample), input), expected);
      cases.push({ name, place, architecture, steps, expected, tfjs });
    }
    const listingOf = (jobs: readonly object[]): string => {
      const listing = join(folder.path, 'jobs.json');
      writeFileSync(listing, JSON.stringify(jobs));
      return listing;
    };
    const [height, width, channels] = TASK.input;
    const nchw = (place: string) => ({ input: `${place}/nchw.bin`, shape: [1, channels, height, width] });
    const nhwc = (place: string) => ({ input: `${place}/nhwc.bin`, shape: [1, ...TASK.input] });
    const jobs = (job: (place: string) => object) => listingOf(cases.map(({ place }) => job(place)));
    const torch = runTorch(jobs((place) => ({ folder: `${place}/pytorch`, ...nchw(place) })));
    const ort = runPython(
      'ort',
      jobs((place) => ({ model: `${place}/onnx/model.onnx`, ...nchw(place) })),
    );
    const tensorflow = runTensorflow(
      jobs((place) => ({
        ...{ folder: `${place}/savedmodel`, keras: `${place}/keras/model.keras` },
        ...nhwc(place),
      })),
    );
    const found = cases.map(({ name, architecture, steps, expected, tfjs }, at) => {
      const { logits, params, scripted, exported, trained } = torch.results[at]!;
      return {
        name,
        steps,
        ...(steps === 0 ? {} : { architecture: formatArchitecture(architecture) }),
        params,
        expectedParams: paramsOf(architecture),
        pytorch: relativeError(logits, expected),
        scripted,
        exported,
        onnxruntime: relativeError(ort.outputs[at]!, expected),
        tensorflow: relativeError(tensorflow.outputs[at]!, expected),
        keras: relativeError(tensorflow.models[at]!.logits, expected),
        kerasParams: tensorflow.models[at]!.params,
        kerasLosses: tensorflow.models[at]!.losses,
        tfjs,
        losses: trained.losses,
        withoutGradient: trained.without,
      };
    });
    const about = {
      command: 'npm run test:interop',
      pictures: TASK.input,
      errors:
        'largest difference of a logit to our forward pass in double precision, relative to the largest logit; ' +
        'scripted and exported: largest difference to the plain PyTorch module',
      weights: 'steps: steps of training; with 0, random weights and random statistics of normalisation',
      losses:
        'of four pictures, before and after one, two and three steps in PyTorch from the exported weights',
    };
    const machine = {
      cpu: cpus()[0]?.model.trim() ?? '',
      cores: availableParallelism(),
      node: process.version,
    };
    const versions = {
      torch: torch.version,
      onnxruntime: ort.version,
      tensorflow: tensorflow.version,
      keras: tensorflow.keras,
    };
    mkdirSync(dirname(RESULTS), { recursive: true });
    writeFileSync(RESULTS, `${JSON.stringify({ about, machine, versions, networks: found }, null, 2)}\n`);
    for (const one of found) {
      for (const error of [
        one.pytorch,
        one.scripted,
        one.exported,
        one.onnxruntime,
        one.tensorflow,
        one.keras,
        one.tfjs,
      ])
        expect(error, one.name).toBeLessThan(AGREES);
      expect(one.params, one.name).toBe(one.expectedParams);
      expect(one.kerasParams, one.name).toBe(one.expectedParams);
      expect(one.withoutGradient, one.name).toEqual([]);
      expect([...one.losses, ...one.kerasLosses].every(Number.isFinite), one.name).toBe(true);
    }
    expect(found.filter(({ steps }) => steps > 0)).toHaveLength(DRAWN);
    expect(found.length).toBeGreaterThanOrEqual(presetNames.length + DRAWN);
  });
});
