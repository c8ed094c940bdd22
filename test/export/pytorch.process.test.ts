import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exporterFor, type TrainedNetwork } from '../../src/export/index.js';
import { buildNetwork } from '../../src/network/index.js';
import { paramsOf, parseArchitecture, presetArchitecture, type Architecture } from '../../src/space/index.js';
import { temporaryFolder } from '../app/samples.js';
import { forward } from '../network/forward.js';
import { everyOperation, picture, relativeError } from '../network/samples.js';
import { architectures } from '../space/arbitrary.js';
import { channelsFirst } from './onnx-run.js';
import { missing, runTorch, type TorchResult } from './python.js';
import { sampleOf } from './samples.js';

const AGREES = 1e-4;
const small = { input: [64, 48, 3], classes: 10 } as const;

/** Even and odd sizes at every halving, every kind of block, gate, activation and skip. */
const NETWORKS: readonly Architecture[] = [
  { ...everyOperation, input: [33, 40, 2] },
  parseArchitecture(
    'nas1:37x52x3 cn_k5_s2_c8_r6 ir_k7_s2_e16_c12_se4sig_hs_skippool ds_k3_s2_c12_se6_re_skippool ui_a3_s2_e24_c16_re ui_a5_k3_s2_e30_c16_hs_skippool cn_k1_s2_c20_re gap fc_c6_bn_hs fc_c4_id',
  ),
  { ...everyOperation, input: [32, 40, 2], padding: 'symmetric' },
  { ...presetArchitecture('mobilenetv4_conv_small', small), padding: 'symmetric' },
  presetArchitecture('mobilenet_v3_small', small),
  presetArchitecture('mnasnet_a1@0.5', small),
  presetArchitecture('mobilenet_v1@0.25', small),
];

function write(folder: string, sample: TrainedNetwork): { readonly folder: string; readonly input: string } {
  mkdirSync(folder);
  for (const { path, bytes } of exporterFor('pytorch').export(sample))
    writeFileSync(join(folder, path), bytes);
  const input = join(folder, 'input.bin');
  const network = buildNetwork(sample.architecture);
  const channels = network.input[2];
  writeFileSync(input, new Uint8Array(channelsFirst(picture(network), channels).buffer));
  return { folder, input };
}

function run(samples: readonly TrainedNetwork[]): readonly TorchResult[] {
  using folder = temporaryFolder();
  const jobs = samples.map((sample, at) => {
    const [height, width, channels] = sample.architecture.input;
    return { ...write(join(folder.path, String(at)), sample), shape: [1, channels, height, width] };
  });
  const listing = join(folder.path, 'jobs.json');
  writeFileSync(listing, JSON.stringify(jobs));
  return runTorch(listing).results;
}

describe('an exported PyTorch module', { timeout: 300_000 }, () => {
  it('is Python, of any network and whatever it is called', (context) => {
    if (spawnSync('python3', ['--version']).status !== 0) context.skip('no python3');
    const texts: string[] = [];
    const names = fc.array(fc.string({ unit: 'binary' }), { minLength: 48, maxLength: 48 });
    fc.assert(
      fc.property(architectures(), names, (architecture, classes) => {
        const sample = sampleOf(architecture);
        const named = {
          ...sample,
          classes: sample.classes.map((_, i) => classes[i] ?? ''),
          study: classes[0] ?? '',
          data: classes[1] ?? '',
        };
        const [module] = exporterFor('pytorch').export(named);
        texts.push(new TextDecoder().decode(module?.bytes));
        texts.push(JSON.stringify(named.classes));
      }),
      { numRuns: 60 },
    );
    const check = `
import ast, json, sys
texts = json.load(sys.stdin)
for source, names in zip(texts[::2], texts[1::2]):
    tree = ast.parse(source)
    kinds = {type(node).__name__ for node in tree.body}
    assert kinds <= {"Expr", "ImportFrom", "Import", "Assign", "FunctionDef", "ClassDef"}, kinds
    assert sum(isinstance(node, ast.Expr) for node in tree.body) == 1
    [classes] = [node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "CLASSES"]
    assert ast.literal_eval(classes) == json.loads(names)
print(len(texts) // 2)
`;
    const { stdout, stderr } = spawnSync('python3', ['-c', check], {
      input: JSON.stringify(texts),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe('60');
  });

  it('computes in PyTorch what our forward pass does, scripts, exports and trains', (context) => {
    const reason = missing('torch');
    if (reason !== undefined) context.skip(reason);
    const samples = NETWORKS.map(sampleOf);
    const results = run(samples);
    for (const [at, { architecture, weights, classes, epsilon }] of samples.entries()) {
      const network = buildNetwork(architecture);
      const found = results[at]!;
      expect(relativeError(found.logits, forward(network, weights, picture(network), epsilon))).toBeLessThan(
        AGREES,
      );
      expect(found.params).toBe(paramsOf(architecture));
      expect(found.scripted).toBeLessThan(1e-5);
      expect(found.exported).toBeLessThan(1e-5);
      expect(found.classes).toEqual(classes);
      expect(found.metadata).toMatchObject({
        origin: { study: 'demo', trial: 17 },
        latency: { medianMs: 1.75 },
      });
      expect(found.larger).toEqual([1, classes.length]);
      expect(found.few).toEqual([1, 3]);
      expect(found.norms.every((name) => /(^|\.)bn$/.test(name))).toBe(true);
      expect(found.trained.without).toEqual([]);
      expect(found.trained.losses.at(-1)).toBeLessThan(found.trained.losses[0]!);
      expect(found.maps.map(([, channels]) => channels)).toEqual(found.channels);
      const [height, width] = architecture.input;
      expect(found.maps.map(([, , ...sides]) => sides)).toEqual(
        found.strides.map((stride) => [Math.ceil(height / stride), Math.ceil(width / stride)]),
      );
    }
  });
});
