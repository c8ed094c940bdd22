import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { quantise } from '../../src/app/export/int8/quantise.js';
import { evaluationPictures, normalised } from '../../src/app/export/stored-accuracy.js';
import type { TrainedNetwork } from '../../src/export/index.js';
import { buildNetwork } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { writePictures } from '../app/pictures.js';
import { fakeStudy, temporaryFolder } from '../app/samples.js';
import { nas } from '../cli/nas.js';
import { runOnnx } from './onnx-run.js';
import { sampleOf } from './samples.js';

const TEXT = 'nas1:12x12x3 cn_k3_s2_c6_hs ir_k5_s2_e12_c8_se4_re_skippool ir_k3_s2_e16_c10_hs gap fc_c2_id';

it.each(['validation', 'test'] as const)(
  "a trial's accuracy in whole numbers is that of the file, on the %s pictures",
  async (evaluationSplit) => {
    using folder = temporaryFolder();
    const pictures = join(folder.path, 'pictures');
    await writePictures(pictures, 12, 25);
    const data = { name: `images:${pictures}`, folder: folder.path, heldOut: 0.4, size: 12, limit: null };
    const spec = fakeStudy({ data, task: { input: [12, 12, 3], classes: 2 } });
    const trained: TrainedNetwork = { ...sampleOf(parseArchitecture(TEXT)), evaluationSplit };
    const { artifacts, facts } = await quantise(trained, {}, spec);
    const examples = await evaluationPictures(spec, trained);
    const network = buildNetwork(trained.architecture);
    let correct = 0;
    for (let i = 0; i < examples.count; i++) {
      const images = examples.images.subarray(i * 432, (i + 1) * 432);
      const input = normalised({ images, shape: network.input }, trained);
      const { logits } = await runOnnx(artifacts[0]!.bytes, [input], network);
      const [a = 0, b = 0] = logits!.values;
      if (examples.labels[i] === (a >= b ? 0 : 1)) correct++;
    }
    expect(facts.accuracy).toMatchObject({ correct, count: examples.count, set: evaluationSplit });
    expect(facts.ranges).toMatchObject({ of: evaluationSplit === 'test' ? 'held-out' : 'training' });
    expect(facts.tried.map(({ coverage }) => coverage).slice(0, 3)).toEqual([1, 0.9999, 0.999]);
    expect(JSON.parse(Buffer.from(artifacts[1]!.bytes).toString())).toMatchObject({ int8: facts });
  },
);

it('nas export NETWORK --int8 says that its ranges are random and how long it takes; other formats refuse it', async () => {
  using folder = temporaryFolder();
  const out = join(folder.path, 'out');
  const done = await nas(['export', TEXT, '--format', 'onnx', '--int8', '--out', out], { cwd: folder.path });
  expect(done.code).toBe(0);
  expect(done.stderr).toMatch(/int8: accuracy not counted\n.*2 pictures of random pixels/);
  expect(done.stderr).toMatch(
    /(faster|slower) here than in float: [\d.]+ ms against [\d.]+ ms \(onnxruntime/,
  );
  const metadata = JSON.parse(readFileSync(join(out, 'metadata.json'), 'utf8')) as Record<string, unknown>;
  expect(metadata['int8']).toMatchObject({ accuracy: null, ranges: { pictures: 2, of: 'random' } });
  const refused = await nas(['export', TEXT, '--format', 'pytorch', '--int8', '--out', out], {
    cwd: folder.path,
  });
  expect(refused.stderr).toMatch(/--int8 with --format pytorch.*NAS_OTHER_FORMAT/s);
});
