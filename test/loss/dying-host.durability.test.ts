import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { emptyFolder } from '../cli/nas.js';
import { attacked } from '../durability.js';
import { hostOf, rowsIn, run, tableOf } from './killing.js';
import { begun, finish, RESUME, undisturbed } from './studies.js';

const OPTIONS = { trials: 8, workers: 1 } as const;

it(
  'a host that always dies immediately, ends the search after five deaths with one message, and no trial is blamed',
  { timeout: 300_000 },
  async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    begun(cwd, OPTIONS);
    const search = run(cwd, RESUME);
    const killed = new Set<number>();
    while (search.lives()) {
      for (const pid of hostOf(search)) {
        killed.add(pid);
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // Gone already.
        }
      }
      await sleep(5);
    }
    expect(await search.ended).toBe(2);
    expect(killed.size).toBe(5);
    const message =
      /^error: the evaluator host died 5 times in a row: .*SIGKILL.*fix: run nas doctor \[NAS_HOST_DIES\]\n$/;
    expect(search.stderr()).toMatch(message);
    expect(rowsIn(cwd).filter((row) => row.state !== 'running')).toEqual([]);

    await finish(cwd);
    const straight = await undisturbed(OPTIONS);
    attacked('kills', { times: killed.size }, () => {
      expect(tableOf(cwd)).toEqual(straight);
      return OPTIONS.trials;
    });
  },
);
