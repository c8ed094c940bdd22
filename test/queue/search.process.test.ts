import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../cli/nas.js';
import { run, tableOf, type Victim } from '../loss/killing.js';
import { begun, RESUME, undisturbed } from '../loss/studies.js';
import { noRedis, startRedis } from './redis.js';

const OPTIONS = { trials: 8, workers: 2 } as const;

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
  },
);

async function stop({ child, ended }: Victim): Promise<void> {
  child.kill('SIGTERM');
  await ended;
}
