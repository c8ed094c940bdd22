import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exportNamed, type NamedExport } from '../../src/app/index.js';
import { readArchitectureJson } from '../../src/export/index.js';
import { encodeWeights, parseHeader } from '../../src/network/index.js';
import { formatArchitecture, parseArchitecture, presetArchitecture } from '../../src/space/index.js';
import { fakeStudy, placesIn, temporaryFolder } from '../app/samples.js';
import { nas } from '../cli/nas.js';
import { writeStudy } from '../cli/studies.js';
import { trained } from '../network/samples.js';

const TEXT = 'nas1:16x16x3 cn_k3_s2_c6_hs ir_k3_s2_e12_c8_se4_re gap fc_c3_id';
const places = placesIn('nowhere');

function asked(folder: string, over: Partial<NamedExport> = {}): NamedExport {
  return {
    ...{
      network: TEXT,
      format: 'pytorch',
      out: join(folder, 'out'),
      input: null,
      classes: null,
      weights: null,
    },
    ...{ seed: '1', mean: null, deviation: null, verify: false, onnx: {} },
    ...over,
  };
}

const read = (folder: string, file: string) => readFileSync(join(folder, 'out', file));
const metadata = (folder: string) =>
  JSON.parse(read(folder, 'metadata.json').toString()) as Record<string, unknown>;

describe('nas export of a network of no study', () => {
  it('writes a preset, a text form or a file for the asked size and classes', async () => {
    using folder = temporaryFolder();
    const text = join(folder.path, 'net.txt');
    writeFileSync(text, `${TEXT}\n`);
    const task = { input: [48, 40, 3], classes: 7 } as const;
    const small = formatArchitecture(presetArchitecture('mobilenet_v3_small@0.5', task));
    const resized = TEXT.replace('16x16x3', '48x40x3').replace('fc_c3', 'fc_c7');
    for (const [network, expected] of [
      ['mobilenet_v3_small@0.5', small],
      [TEXT, resized],
      [text, resized],
    ]) {
      await exportNamed(places, asked(folder.path, { network: network!, ...task }));
      expect(metadata(folder.path)).toMatchObject({ architecture: expected, accuracy: null, latency: null });
    }
    await exportNamed(places, asked(folder.path, { network: join(folder.path, 'out/metadata.json') }));
    expect(metadata(folder.path)['architecture']).toBe(resized);
    const json = asked(folder.path, { format: 'json', out: join(folder.path, 'json') });
    await exportNamed(places, json);
    const architecture = readArchitectureJson(
      readFileSync(join(folder.path, 'json/architecture.json'), 'utf8'),
    );
    expect(formatArchitecture(architecture)).toBe(TEXT);
  });

  it('takes the weights of another library, with its padding and a new classifier where classes differ', async () => {
    using folder = temporaryFolder();
    const weights = fileURLToPath(
      new URL('../network/fixtures/torchvision-tiny.safetensors', import.meta.url),
    );
    const network =
      'nas1:20x18x3 cn_k3_s2_c8_hs ds_k3_s2_c8_se8_re ir_k5_s2_e24_c16_se8_hs ir_k3_s1_e32_c16_hs ' +
      'cn_k1_s1_c96_hs gap fc_c40_hs fc_c5_id';
    const { notice } = await exportNamed(places, asked(folder.path, { network, weights }));
    expect(notice).toBe('weights of torchvision');
    expect(metadata(folder.path)['architecture']).toBe(network.replace('20x18x3', '20x18x3_sym'));
    const other = await exportNamed(places, asked(folder.path, { network, weights, classes: 7 }));
    expect(other.notice).toBe('weights of torchvision, a new classifier for 7 classes');
    const asTimm = exportNamed(places, asked(folder.path, { network, weights, library: 'timm-tf' }));
    await expect(asTimm).resolves.toMatchObject({ notice: 'weights of timm-tf' });
    const archive = join(folder.path, 'model.pth');
    writeFileSync(archive, 'PK\u0003\u0004');
    await expect(
      exportNamed(places, asked(folder.path, { network, weights: archive })),
    ).rejects.toMatchObject({
      code: 'NAS_BAD_WEIGHTS',
      fix: expect.stringContaining('docs/formats.md') as string,
    });
  });

  it('has random weights of a seed, or those of a file', async () => {
    using folder = temporaryFolder();
    const tensors = async (over: Partial<NamedExport>) => {
      await exportNamed(places, asked(folder.path, over));
      const bytes = read(folder.path, 'model.safetensors');
      return bytes.subarray(parseHeader(bytes).start).toString('hex');
    };
    const [one, two, again] = [await tensors({}), await tensors({ seed: '2' }), await tensors({})];
    expect(one).toBe(again);
    expect(one).not.toBe(two);
    expect(metadata(folder.path)['origin']).toEqual({
      ...{ study: null, trial: null, name: null, weights: 'random, seed 1' },
    });
    const { network, weights } = trained(parseArchitecture(TEXT));
    const file = join(folder.path, 'trial.weights');
    writeFileSync(file, encodeWeights(network, weights, TEXT));
    const known = await tensors({ weights: file, mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] });
    expect(known).not.toBe(one);
    expect(metadata(folder.path)).toMatchObject({
      preprocessing: { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] },
      origin: { weights: 'of a file' },
    });
    expect(await tensors({ weights: file, input: [32, 32, 3] })).toBe(known);
  });

  it('refuses weights of another network, and writes nothing then', async () => {
    using folder = temporaryFolder();
    const { network, weights } = trained(parseArchitecture(TEXT));
    const file = join(folder.path, 'trial.weights');
    writeFileSync(file, encodeWeights(network, weights, TEXT));
    const refused = async (over: Partial<NamedExport>, code: string) => {
      await expect(exportNamed(places, asked(folder.path, { weights: file, ...over }))).rejects.toMatchObject(
        {
          code,
        },
      );
    };
    await refused({ classes: 4 }, 'NAS_BAD_WEIGHTS');
    await refused({ network: 'mobilenet_v3_small' }, 'NAS_BAD_WEIGHTS');
    // The same shapes, but ReLU6 in place of ReLU.
    await refused({ network: TEXT.replace('_re', '_r6') }, 'NAS_BAD_WEIGHTS');
    await refused({ weights: join(folder.path, 'none') }, 'NAS_NO_WEIGHTS');
    await refused({ weights: folder.path }, 'NAS_NOT_A_FILE');
    await refused({ mean: [1] }, 'NAS_BAD_NORMALISATION');
    await refused({ input: [16, 16, 1] }, 'NAS_BAD_WEIGHTS');
    await refused({ network: 'mobilenet_v3_smal' }, 'NAS_UNKNOWN_PRESET');
    await refused({ format: 'torch' }, 'NAS_UNKNOWN_FORMAT');
    mkdirSync(join(folder.path, 'out'));
    writeFileSync(join(folder.path, 'out/mine.txt'), 'mine');
    await refused({}, 'NAS_FOLDER_IN_USE');
    expect(readdirSync(join(folder.path, 'out'))).toEqual(['mine.txt']);
  });

  it('is checked by running it, says where it could not be, and knows a trial from a network', async () => {
    using folder = temporaryFolder();
    const run = (env: Readonly<Record<string, string>>, ...args: string[]) =>
      nas(['export', ...args], { cwd: folder.path, env });
    const agreed = /^computes as our own forward pass: outputs differ by \d\.\de-\d+ at most, relative$/m;
    writeStudy(join(folder.path, 'runs'), fakeStudy(), 1, true);
    const nowhere = { NAS_PYTHON: join(folder.path, 'python') };
    const onnx = await run({}, TEXT, '--format', 'onnx', '--out', 'onnx');
    const tfjs = await run({}, TEXT, '--out', 'tfjs', '--input', '20');
    const pytorch = await run(nowhere, TEXT, '--format', 'pytorch', '--out', 'pytorch');
    const trial = await run(nowhere, '1', '--format', 'pytorch', '--no-verify');
    expect(onnx).toMatchObject({ code: 0, stdout: 'onnx/model.onnx\nonnx/metadata.json\n' });
    expect(onnx.stderr).toMatch(agreed);
    expect(onnx.stderr).toContain('random weights of seed 1: not trained');
    expect(tfjs.stderr).toMatch(agreed);
    expect(pytorch).toMatchObject({ code: 0 });
    expect(pytorch.stderr).toContain(
      'not checked: no Python with torch and safetensors found (NAS_PYTHON names one)',
    );
    expect(pytorch.stderr).not.toMatch(agreed);
    expect(trial).toMatchObject({ code: 0 });
    expect(existsSync(join(folder.path, 'runs/demo/exports/trial-1/pytorch/model.py'))).toBe(true);
    const refusals: [string[], string][] = [
      [[TEXT, '--best', '--out', 'x'], 'NAS_OTHER_NETWORK'],
      [['1', '--classes', '5'], 'NAS_OTHER_NETWORK'],
      [[TEXT], 'NAS_NO_OUT'],
      [['1', '--format', 'onnx', '--input', '28x28x1', '--outputs', 'c1'], 'NAS_BAD_TASK'],
      [['0'], 'at least 1'],
    ];
    for (const [args, code] of refusals) {
      const refused = await run({}, ...args);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(code) as string });
    }
    expect(existsSync(join(folder.path, 'x'))).toBe(false);
  }, 120_000);
});
