import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ms } from '../../src/core/index.js';
import { startPool } from '../../src/pool/index.js';
import { createReward, createStrategy, runSearch } from '../../src/search/index.js';
import { spaceFromYaml } from '../../src/space/index.js';
import { createStudy, readStudy } from '../../src/trials/index.js';
import { smallSpace } from '../app/samples.js';
import { emptyFolder } from '../cli/nas.js';
import { STUDY } from '../../src/testing/index.js';
import { fakeSpec, never } from '../pool/helpers.js';

/** What befalls which trial, at every attempt, and what its row then says. */
const FATES = [
  ['hang', 2, /^no progress for 8 s and its thread had to be ended by force$/],
  ['memory', 4, /^OOM when allocating tensor/],
  ['diverge', 5, /^diverged: the loss is NaN$/],
  ['throw', 6, /^a scripted error$/],
  ['abort', 8, /^crashed twice: the evaluator host was killed .*std::bad_alloc/],
] as const;

it(
  'a hang, lack of memory, NaN, an exception and a crash each end one trial of a search, with the reason in its row',
  { timeout: 120_000 },
  async () => {
    using folder = emptyFolder();
    const faults = FATES.map(([kind, trial]) => ({ kind, trials: [trial], attempts: 9 }));
    const space = spaceFromYaml(smallSpace.yaml, { input: [28, 28, 1], classes: 10 });
    const path = join(folder.path, 'study');
    using store = createStudy(path, { ...STUDY, name: 'misfortune', seed: '5' });
    const options = { signal: never, log: () => undefined, environment: process.env };
    await using evaluator = await startPool(fakeSpec(folder.path, { faults }, { idleSeconds: 8 }), options);
    const result = await runSearch({
      space,
      strategy: createStrategy('random', { space, seed: '5', saved: null }),
      reward: createReward({ kind: 'absolute', targetMs: ms(1) }),
      store,
      evaluator,
      targetMs: ms(1),
      budget: { trials: 10, seconds: null },
      plan: { epochs: 1, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0 },
      mode: 'batch',
    });
    expect(result.status).toMatchObject({ done: 5, failed: 5 });
    using reader = readStudy(path);
    expect(reader.rows({ states: ['failed'] })).toMatchObject(
      FATES.map(([, trial, reason]) => ({
        trial,
        reward: null,
        accuracy: null,
        reason: expect.stringMatching(reason) as string,
      })),
    );
    expect(reader.rows({ states: ['done'] }).map((row) => row.trial)).toEqual([1, 3, 7, 9, 10]);
  },
);
