// What the queue itself costs, on one machine with a server of its own: trials/s of workers that answer immediately, how
// busy workers are whose trials take two seconds, and the controller's memory. See README.md.
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkHostSpec } from '../../src/pool/index.js';
import { artifactStore, connectQueue, openQueuePool, parseQueueUrl } from '../../src/queue/index.js';
import { fakeSpec, job, temporaryFolder } from '../../test/pool/helpers.js';
import { startRedis } from '../../test/queue/redis.js';
import { load, machine } from '../lib/machine.mjs';
import { usedBy, withOthers } from '../lib/others.mjs';
import { simulate, VERSION, type Simulated } from './lib/worker.js';

interface Setting extends Omit<Simulated, 'url'> {
  readonly processes: number;
  readonly trials: number;
  /** Trials that the controller has in the queue at a time. */
  readonly inFlight: number;
}

const TRIALS = Number(process.argv[2] ?? 20_000);
/** Two processes for two cores, next to those of controller and server. */
const FAST: Setting = { processes: 2, workers: 1, slots: 32, trialMs: 0, trials: TRIALS, inFlight: 128 };
const SLEEPING: Setting = { processes: 4, workers: 16, slots: 1, trialMs: 2000, trials: 640, inFlight: 128 };

const round = (value: number): number => Number(value.toPrecision(4));

async function turn(setting: Setting) {
  const { processes, workers, slots, trialMs, trials, inFlight } = setting;
  await using redis = await startRedis(['--appendfsync', 'everysec']);
  using folder = temporaryFolder();
  await using connection = await connectQueue(parseQueueUrl(redis.url), () => undefined);
  const simulated: Simulated = { url: redis.url, workers, slots, trialMs };
  const children = Array.from({ length: processes }, () =>
    fork(fileURLToPath(import.meta.url), ['worker', JSON.stringify(simulated)]),
  );
  try {
    await using pool = await openQueuePool({
      ...{ connection, version: VERSION, dataDigest: null, devices: null },
      ...{ log: () => undefined, notice: () => undefined },
      study: { id: 'bench', name: 'bench' },
      spec: checkHostSpec(fakeSpec(folder.path)),
      artifacts: await artifactStore(folder.path),
      signal: new AbortController().signal,
    });
    while (pool.slots < processes * workers * slots) await sleep(100);
    const { signal } = new AbortController();
    const memory: { trials: number; heapMiB: number; rssMiB: number }[] = [];
    let next = 1;
    const asker = async (): Promise<void> => {
      while (next <= trials) {
        const trial = next++;
        if (trial % Math.ceil(trials / 10) === 0) memory.push({ trials: trial, ...memoryNow() });
        const { state } = await pool.evaluate(job(trial), signal, () => 'continue');
        if (state !== 'done') throw new Error(`trial ${trial} ended as ${state}`);
      }
    };
    const pids = children.flatMap(({ pid }) => pid ?? []);
    const processor = { controller: usedBy([]), workers: usedBy(pids), all: usedBy([...pids, redis.pid]) };
    const before = { controller: processor.controller(), workers: processor.workers(), all: processor.all() };
    const begin = performance.now();
    const { others } = await withOthers(processor.all, () =>
      Promise.all(Array.from({ length: inFlight }, asker)),
    );
    const seconds = (performance.now() - begin) / 1000;
    const used = (of: keyof typeof before): number => processor[of]() - before[of];
    const [controller, withWorkers, all] = [used('controller'), used('workers'), used('all')];
    const ms = (of: number): number => round((1000 * of) / trials);
    return {
      setting,
      seconds: round(seconds),
      trialsPerSecond: round(trials / seconds),
      busyShare:
        trialMs > 0 ? round((trials * trialMs) / 1000 / (seconds * processes * workers * slots)) : null,
      processorMsPerTrial: {
        controller: ms(controller),
        workers: ms(withWorkers - controller),
        redis: ms(all - withWorkers),
      },
      othersCores: round(others),
      memory,
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

function memoryNow() {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMiB: round(heapUsed / 2 ** 20), rssMiB: round(rss / 2 ** 20) };
}

if (process.argv[2] === 'worker') await simulate(JSON.parse(process.argv[3] ?? '') as Simulated);
else {
  const before = load();
  const fast = await turn(FAST);
  const sleeping = await turn(SLEEPING);
  const result = { machine: machine({}), load: { before, after: load() }, fast, sleeping };
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
  process.exit(0);
}
