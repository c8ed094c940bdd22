import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder } from '../cli/nas.js';
import { FINISHED, run, tableOf, trainedAgain, type Victim } from '../loss/killing.js';
import { begun, RESUME, undisturbed } from '../loss/studies.js';
import { noRedis, startRedis, type RedisServer } from './redis.js';

const TRIALS = 12;
/** Some hundred steps of a millisecond each, so that there is something to be killed in. */
const OPTIONS = { trials: TRIALS, workers: 1, epochs: 100 } as const;
const WORKERS = 4;
/** Shorter than users have it, so that a lost worker shows soon. */
const LOCK_SECONDS = 3;

/** A search over a queue with worker processes, all in a folder of their own. */
class Fleet implements AsyncDisposable {
  readonly workers: Victim[] = [];
  readonly #folder = emptyFolder();
  search: Victim | undefined;

  constructor(readonly redis: RedisServer) {
    begun(this.cwd, OPTIONS);
  }

  get cwd(): string {
    return this.#folder.path;
  }

  addWorkers(count: number): void {
    for (let i = 0; i < count; i++)
      this.workers.push(run(this.cwd, ['worker', '--queue', this.redis.url, '--lock', `${LOCK_SECONDS}s`]));
  }

  startSearch(): Victim {
    const artifacts = join(this.cwd, 'artifacts');
    this.search = run(this.cwd, [...RESUME, '--queue', this.redis.url, '--artifacts', artifacts]);
    return this.search;
  }

  /** Waits until that many trials have ended since the search was started last. */
  async untilFinished(count: number): Promise<void> {
    if (this.search?.lives() !== true) throw new Error('no search runs');
    if (!(await this.search.until(FINISHED, count))) throw new Error(`it ended: ${this.search.stderr()}`);
  }

  async toItsEnd(): Promise<void> {
    const code = await this.search?.ended;
    expect({ code, said: code === 0 ? '' : this.search?.stderr() }).toEqual({ code: 0, said: '' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const victim of [...this.workers, this.search])
      if (victim?.lives() === true) {
        victim.child.kill('SIGCONT');
        victim.child.kill('SIGKILL');
        await victim.ended;
      }
    await this.redis[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

const kill = (victim: Victim | undefined): void => void victim?.child.kill('SIGKILL');

describe.skipIf(noRedis !== undefined)(
  `a search over a queue under attack (skipped: ${noRedis ?? ''})`,
  { timeout: 600_000 },
  () => {
    let straight: readonly string[] = [];
    beforeAll(async () => {
      straight = await undisturbed(OPTIONS);
    }, 300_000);

    async function fleet(workers = WORKERS): Promise<Fleet> {
      const started = new Fleet(await startRedis());
      started.addWorkers(workers);
      started.startSearch();
      return started;
    }

    function expectNothingLost({ cwd }: Fleet): void {
      expect(tableOf(cwd)).toEqual(straight);
      expect(trainedAgain(cwd)).toEqual([]);
    }

    it('workers killed inside a step, one after the other, while others join', async () => {
      await using attacked = await fleet();
      for (const index of [0, 1, 2]) {
        await attacked.untilFinished(2 * (index + 1));
        kill(attacked.workers[index]);
        attacked.addWorkers(1);
      }
      await attacked.toItsEnd();
      expectNothingLost(attacked);
    });

    it('all workers killed at the same time', async () => {
      await using attacked = await fleet();
      await attacked.untilFinished(3);
      attacked.workers.forEach(kill);
      await sleep(500);
      attacked.addWorkers(2);
      await attacked.toItsEnd();
      expectNothingLost(attacked);
    });

    it('the controller killed twice, and resumed', async () => {
      await using attacked = await fleet();
      for (const count of [2, 3]) {
        await attacked.untilFinished(count);
        kill(attacked.search);
        await attacked.search?.ended;
        await sleep(1000);
        attacked.startSearch();
      }
      await attacked.toItsEnd();
      expectNothingLost(attacked);
    });

    it('the server killed and restarted on its append-only file', async () => {
      await using attacked = await fleet();
      await attacked.untilFinished(3);
      await attacked.redis.kill();
      await sleep(2000);
      await attacked.redis.restart();
      await attacked.toItsEnd();
      expectNothingLost(attacked);
    });

    it('a worker frozen for longer than its lock, which wakes later', async () => {
      await using attacked = await fleet(2);
      await attacked.untilFinished(2);
      const [frozen] = attacked.workers;
      frozen?.child.kill('SIGSTOP');
      await sleep(1000 * (3 * LOCK_SECONDS));
      frozen?.child.kill('SIGCONT');
      await attacked.toItsEnd();
      expectNothingLost(attacked);
      expect(frozen?.lives()).toBe(true);
    });
  },
);
