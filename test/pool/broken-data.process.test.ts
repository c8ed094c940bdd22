import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startPool, type HostSpecInput, type Pool } from '../../src/pool/index.js';
import { quickRecipe } from '../../src/train/index.js';
import { writePictures } from '../app/pictures.js';
import { idx } from '../data/fixtures.js';
import { fakeSpec, goOn, job, never, temporaryFolder } from './helpers.js';

const plan = { epochs: 1, maxSteps: 2, learningRate: 0.05, schedule: 'constant', warmupEpochs: 0 } as const;
const PICTURES = 'nas1:12x12x3 cn_k3_s2_c8_re gap fc_c2_id';
const FASHION = 'nas1:28x28x1 cn_k3_s2_c8_re gap fc_c10_id';

function open(folder: string, data: Partial<HostSpecInput['data']>): Promise<Pool> {
  const base = fakeSpec(folder);
  const quick = {
    ...base.latency.protocol,
    warmupRuns: 1,
    burst: 1,
    minRuns: 1,
    maxRuns: 1,
    reference: false,
  };
  const spec: HostSpecInput = {
    ...base,
    backend: { kind: 'reference' },
    data: { ...base.data, folder, heldOut: 0.2, ...data },
    recipe: { ...quickRecipe, batch: 8 },
    latency: { ...base.latency, protocol: quick },
    workers: 1,
    graceSeconds: 10,
  };
  return startPool(spec, { signal: never, log: () => undefined, environment: process.env });
}

/** A part of a data set in IDX files; the pictures may be cut short. */
function writeIdx(folder: string, part: 'train' | 't10k', count: number, cut = 0): void {
  const side = 28;
  const pixels = idx([count, side, side], new Uint8Array(count * side * side).fill(7));
  const labels = idx(
    [count],
    Uint8Array.from({ length: count }, (_, i) => i % 10),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${part}-images-idx3-ubyte`), pixels.subarray(0, pixels.length - cut));
  writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), labels);
}

describe('pictures that break after the start', { timeout: 120_000 }, () => {
  it('disturb nothing while the host holds what it read; a broken test picture ends the one trial that needs it', async () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, 'pictures');
    for (const part of ['train', 'test']) await writePictures(join(directory, part), 12, 20);
    await using pool = await open(folder.path, { name: `images:${directory}`, size: 12 });
    const train = (trial: number, evaluationSplit: 'validation' | 'test' = 'validation') =>
      pool.evaluate(job(trial, { text: PICTURES, plan, evaluationSplit }), never, goOn);

    writeFileSync(join(directory, 'train/dark/0.png'), 'no picture at all');
    const [garbage, cut] = [join(directory, 'test/dark/0.png'), join(directory, 'test/light/0.png')];
    writeFileSync(garbage, 'no picture at all');
    expect(await train(1)).toMatchObject({ state: 'done' });
    const broken = await train(2, 'test');
    expect(broken.state === 'failed' && broken.reason).toMatch(/test\/dark\/0\.png: cannot be read/);
    await writePictures(join(directory, 'test'), 12, 20);
    writeFileSync(cut, new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]));
    const short = await train(3, 'test');
    expect(short.state === 'failed' && short.reason).toMatch(/test\/light\/0\.png: cannot be read/);
    expect(await train(4)).toMatchObject({ state: 'done' });
    await writePictures(join(directory, 'test'), 12, 20);
    expect(await train(5, 'test')).toMatchObject({ state: 'done' });
  });

  it('a host that must read them again says which one; nothing is blamed on the candidate', async () => {
    using folder = temporaryFolder();
    const directory = join(folder.path, 'pictures');
    for (const part of ['train', 'test']) await writePictures(join(directory, part), 12, 20);
    await using pool = await open(folder.path, { name: `images:${directory}`, size: 12 });
    writeFileSync(join(directory, 'train/light/3.png'), 'no picture at all');
    let begun: () => void = () => undefined;
    const training = new Promise<void>((resolve) => (begun = resolve));
    const long = { text: PICTURES, plan: { ...plan, epochs: 500, maxSteps: null } };
    const outcome = pool.evaluate(job(1, long), never, ({ phase }) => {
      if (phase === 'training') begun();
      return 'continue';
    });
    outcome.catch(() => undefined);
    await Promise.race([training, outcome]);
    process.kill(pool.hostPid ?? 0, 'SIGKILL');
    await expect(outcome).rejects.toMatchObject({
      code: 'NAS_DATA_BROKEN',
      found: expect.stringContaining('train/light/3.png') as string,
      fix: 'repair or remove the file, or continue without it: --skip-broken',
    });
  });
});

describe('an IDX file that is cut short', { timeout: 120_000 }, () => {
  it('ends the one trial that is evaluated on it', async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, 'fashion-mnist');
    writeIdx(home, 'train', 60_000);
    writeIdx(home, 't10k', 10_000, 1234);
    await using pool = await open(folder.path, { name: 'fashion-mnist', limit: 40 });
    const train = (trial: number, evaluationSplit: 'validation' | 'test') =>
      pool.evaluate(job(trial, { text: FASHION, plan, evaluationSplit }), never, goOn);
    const broken = await train(1, 'test');
    expect(broken.state === 'failed' && broken.reason).toMatch(
      /t10k-images-idx3-ubyte: 7838766 bytes of values; expected 7840000/,
    );
    expect(await train(2, 'validation')).toMatchObject({ state: 'done' });
  });

  it('keeps a host from starting when it is of the training part', async () => {
    using folder = temporaryFolder();
    writeIdx(join(folder.path, 'fashion-mnist'), 'train', 60_000, 99);
    await expect(open(folder.path, { name: 'fashion-mnist', limit: 40 })).rejects.toMatchObject({
      code: 'NAS_DATA_BROKEN',
    });
  });
});
