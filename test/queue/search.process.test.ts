import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprintDigest } from '../../src/latency/index.js';
import { fakeFingerprint } from '../../src/pool/engine/fake-engine.js';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder } from '../cli/nas.js';
import { writeStudy } from '../cli/studies.js';
import { run, tableOf, type Victim } from '../loss/killing.js';
import { begun, finish, RESUME, undisturbed } from '../loss/studies.js';
import { noRedis, startRedis } from './redis.js';

const OPTIONS = { trials: 8, workers: 2 } as const;

const REFINED = fakeStudy({ trials: 4, space: smallSpace, targetMs: 2, delta: 0.12 });
/** On a study whose first trial has weights, timed at 1 ms. */
const AFTERWARDS: readonly (readonly string[])[] = [
  [
    ...['netadapt', 'refine', '1', '--study', 'demo', '--target-latency', '0.55ms', '--steps', '1'],
    ...['--proposals', '2', '--finetune-steps', '4'],
  ],
  ['retrain', '1', '--study', 'demo', '--epochs', '1'],
];

describe.skipIf(noRedis !== undefined)(
  `a search over a queue (skipped: ${noRedis ?? ''})`,
  { timeout: 300_000 },
  () => {
    it('ends with the same table as on one machine', async () => {
      await using redis = await startRedis();
      using folder = emptyFolder();
      const cwd = folder.path;
      begun(cwd, OPTIONS);
      const artifacts = join(cwd, 'artifacts');
      const workers = [0, 1].map(() => run(cwd, ['worker', '--queue', redis.url]));
      try {
        const search = run(cwd, [...RESUME, '--queue', redis.url, '--artifacts', artifacts]);
        expect({ code: await search.ended, said: search.stderr() }).toMatchObject({ code: 0 });
        expect(tableOf(cwd)).toEqual(await undisturbed(OPTIONS));
      } finally {
        await Promise.all(workers.map(stop));
      }
      expect(workers.map((worker) => worker.child.exitCode)).toEqual([0, 0]);
    });

    it('so do NetAdapt, whose weights travel to the worker, a final training and the whole recipe', async () => {
      const trained = (cwd: string): void =>
        writeStudy(
          join(cwd, 'runs'),
          REFINED,
          1,
          true,
          fingerprintDigest(fakeFingerprint(REFINED.latency.batch)),
        );
      using here = emptyFolder();
      trained(here.path);
      for (const command of AFTERWARDS) await finish(here.path, command);
      await untilExport(here.path);

      await using redis = await startRedis();
      using folder = emptyFolder();
      const cwd = folder.path;
      trained(cwd);
      const queue = ['--queue', redis.url, '--artifacts', join(cwd, 'artifacts')];
      const worker = run(cwd, ['worker', '--queue', redis.url]);
      try {
        for (const command of AFTERWARDS) await finish(cwd, [...command, ...queue]);
        await untilExport(cwd, queue);
        expect(tableOf(cwd)).toEqual(tableOf(here.path));
      } finally {
        await stop(worker);
      }
    });
  },
);

/** The whole recipe on the test double, whose exports cannot be checked: there are no pictures. */
async function untilExport(cwd: string, queue: readonly string[] = []): Promise<void> {
  const { ended, stderr } = run(cwd, ['start', '--study', 'demo', ...queue]);
  expect(await ended, stderr()).toBe(2);
  expect(stderr()).toMatch(/export: tfjs[^]*NAS_DATA_MISSING/);
}

async function stop({ child, ended }: Victim): Promise<void> {
  child.kill('SIGTERM');
  await ended;
}
