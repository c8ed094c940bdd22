import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { givenNetwork, trialOfGiven, type GivenNetwork } from '../../src/app/refine/given-network.js';
import type { Session } from '../../src/app/study/session.js';
import { createRetry } from '../../src/core/index.js';
import { buildNetwork, decodeWeights } from '../../src/network/index.js';
import type { Pool } from '../../src/pool/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { done, newTrial, STUDY } from '../../src/testing/index.js';
import { createMemoryStore, type Job, type Outcome, type TrialStore } from '../../src/trials/index.js';
import { fakeStudy, temporaryFolder } from './samples.js';

const WEIGHTS = fileURLToPath(new URL('../network/fixtures/torchvision-tiny.safetensors', import.meta.url));
const BLOCKS =
  'cn_k3_s2_c8_hs ds_k3_s2_c8_se8_re ir_k5_s2_e24_c16_se8_hs ir_k3_s1_e32_c16_hs cn_k1_s1_c96_hs gap fc_c40_hs';
const spec = fakeStudy({ task: { input: [20, 18, 3], classes: 7 } });
const name = `nas1:20x18x3 ${BLOCKS} fc_c5_id`;

describe('a network that is given by name', () => {
  it('gets the classes of the task, and the padding and weights of the library', async () => {
    const plain = await givenNetwork({ name }, spec);
    expect(plain).toEqual({ text: `nas1:20x18x3 ${BLOCKS} fc_c7_id`, weights: null, notices: [] });
    const given = await givenNetwork({ name, weights: WEIGHTS }, spec);
    expect(given.text).toBe(`nas1:20x18x3_sym ${BLOCKS} fc_c7_id`);
    expect(given.notices).toEqual(['weights of torchvision, a new classifier for 7 classes']);
    const network = buildNetwork(parseArchitecture(given.text));
    expect(decodeWeights(given.weights!, network).size).toBe(network.parameters.length);
  });

  it('is refused for pictures of another size, and with weights that are none', async () => {
    using folder = temporaryFolder();
    const archive = join(folder.path, 'weights.pth');
    writeFileSync(archive, 'PK\u0003\u0004 and so on');
    const broken = join(folder.path, 'broken.safetensors');
    writeFileSync(broken, readFileSync(WEIGHTS).subarray(0, 1000));
    await expect(givenNetwork({ name: name.replace('20x18', '20x20') }, spec)).rejects.toMatchObject({
      code: 'NAS_WRONG_TASK',
    });
    for (const [weights, code, text] of [
      [archive, 'NAS_BAD_WEIGHTS', 'PyTorch'],
      [broken, 'NAS_BAD_WEIGHTS', 'header'],
      [folder.path, 'NAS_NO_FILE', 'safetensors'],
      [join(folder.path, 'nowhere'), 'NAS_NO_FILE', 'nowhere'],
    ] as const)
      await expect(givenNetwork({ name, weights }, spec)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(text) as string,
      });
    const other = givenNetwork({ name: name.replace('c40', 'c48'), weights: WEIGHTS }, spec);
    await expect(other).rejects.toMatchObject({ code: 'NAS_OTHER_WEIGHTS' });
  });
});

/** A session on a memory store whose evaluator ends every job by `end`. */
function sessionOf(folder: string, store: TrialStore, end: (job: Job) => Outcome | 'interrupt') {
  const jobs: Job[] = [];
  const controller = new AbortController();
  mkdirSync(join(folder, 'checkpoints'), { recursive: true });
  const pool = {
    evaluate: (job: Job) => {
      jobs.push(job);
      const ended = end(job);
      if (ended !== 'interrupt') return Promise.resolve(ended);
      controller.abort();
      return Promise.resolve({ state: 'stopped', reason: '', latency: null, curve: [], seconds: 1 });
    },
  } as unknown as Pool;
  const session = {
    ...{ spec, store, folder, signal: controller.signal },
    pool: () => Promise.resolve(pool),
    retry: createRetry({ limitSeconds: 0, onEvent: () => undefined }),
  } as unknown as Session;
  return { session, jobs };
}

const ended = (job: Job): Outcome => ({ ...done(0.5, 3), checkpoint: job.checkpoint });
const quiet = (): void => undefined;

describe("a given network's trial", () => {
  it.each([true, false])('is trained once, from its weights where it has some: %s', async (weighted) => {
    using folder = temporaryFolder();
    const network = await givenNetwork({ name, ...(weighted ? { weights: WEIGHTS } : {}) }, spec);
    const store = createMemoryStore(STUDY);
    let there = false;
    const file = join(folder.path, 'checkpoints', 'given.weights');
    const { session, jobs } = sessionOf(folder.path, store, (job) => {
      there = existsSync(file);
      return ended(job);
    });
    const trial = await trialOfGiven(session, network, quiet);
    expect(store.trial(trial!)).toMatchObject({
      kind: 'sample',
      state: 'done',
      parent: null,
      text: network.text,
    });
    const start = weighted
      ? { kind: 'surgery', checkpoint: 'given.weights', text: network.text }
      : { kind: 'random' };
    expect(jobs).toMatchObject([{ start, plan: spec.proxy, evaluationSplit: 'validation' }]);
    expect([there, existsSync(file)]).toEqual([weighted, false]);
    expect(await trialOfGiven(session, network, quiet)).toBe(trial);
    expect(jobs).toHaveLength(1);
  });

  it('is resumed after an interruption, and not begun twice', async () => {
    using folder = temporaryFolder();
    const network: GivenNetwork = await givenNetwork({ name }, spec);
    const store = createMemoryStore(STUDY);
    const first = sessionOf(folder.path, store, () => 'interrupt');
    expect(await trialOfGiven(first.session, network, quiet)).toBeUndefined();
    expect([...store.trials()].map(({ state }) => state)).toEqual(['running']);
    const second = sessionOf(folder.path, store, ended);
    expect(await trialOfGiven(second.session, network, quiet)).toBe(1);
    expect([...store.trials()].map(({ state }) => state)).toEqual(['done']);
  });

  it('is refused in a study of another network, and reported when it cannot be trained', async () => {
    using folder = temporaryFolder();
    const network = await givenNetwork({ name }, spec);
    const store = createMemoryStore(STUDY);
    const failing = sessionOf(folder.path, store, () => ({
      ...{ state: 'failed', reason: 'diverged', latency: null, curve: [], seconds: 1 },
    }));
    await expect(trialOfGiven(failing.session, network, quiet)).rejects.toMatchObject({
      code: 'NAS_NO_WEIGHTS',
      message: expect.stringContaining('diverged') as string,
    });
    const searched = createMemoryStore(STUDY);
    searched.begin([newTrial()], null);
    const { session } = sessionOf(folder.path, searched, ended);
    await expect(trialOfGiven(session, network, quiet)).rejects.toMatchObject({ code: 'NAS_OTHER_STUDY' });
  });
});
