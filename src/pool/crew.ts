import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { DataSet } from '../data/index.js';
import { assertNever, entryFile, messageOf, stopwatch } from '../core/index.js';
import { rememberCores } from '../latency/index.js';
import type { Job, LatencyRecord, Outcome, Progress } from '../trials/index.js';
import type { Devices } from './engine.js';
import { createLane, resetPlace } from './lane.js';
import { errorOf } from './mistake.js';
import type { HostSpec } from './spec.js';
import { measureLimit } from './work.js';
import type { Task, TaskResult, Tether, Timing, WarmUp, WorkerData, WorkerMessage } from './tasks.js';

/** Seconds a thread that is ended by force has to be gone. */
const GONE_SECONDS = 5;
/** Seconds that tasks under way have to end, and after them threads to close what they opened. */
const CLOSE_SECONDS = 4;

/** Why a task is to end. */
type Cause =
  | { readonly kind: 'asked'; readonly reason: string }
  | { readonly kind: 'deadline'; readonly seconds: number };

interface Running {
  readonly tether: Tether;
  /** Ends the task's thread. */
  readonly force: AbortController;
  cause: Cause | null;
  thread: number | null;
  grace: NodeJS.Timeout | undefined;
  /** Resolves when it has ended, however it did. */
  readonly over: Promise<void>;
}

/** How a task ended. */
type Ending =
  | { readonly kind: 'returned'; readonly result: TaskResult }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'forced' };

/** The worker threads of a host, and who does what. */
export interface Crew {
  readonly devices: Devices;
  /** True once a thread was ended by force: its memory is lost until the process ends. */
  readonly spoilt: boolean;
  evaluate(id: number, attempt: number, job: Job): Promise<Outcome>;
  /** @returns null when it was stopped. Rejects for whatever the measurement threw. */
  measure(id: number, attempt: number, texts: readonly string[]): Promise<readonly LatencyRecord[] | null>;
  /** Asks a task to end between two steps; ends its thread when it has not after the grace. */
  stop(id: number, reason: string): void;
  close(): Promise<void>;
}

/**
 * Starts the first worker and lets it use everything once; the others start when they are needed, at most
 * `spec.workers`, and one more that only measures, so that a measurement never waits for a training to end.
 */
export async function openCrew(
  spec: HostSpec,
  data: DataSet | null,
  tell: (id: number, progress: Progress) => void,
): Promise<Crew> {
  const places = spec.workers + 1;
  const lane = createLane(places);
  const free = Array.from({ length: places }, (_, place) => place);
  const tasks = new Map<number, Running>();
  const giveBackCores = rememberCores();
  let spoilt = false;

  const pool = new Piscina({
    filename: entryFile(import.meta.url, 'worker'),
    minThreads: 1,
    maxThreads: places,
    idleTimeout: Infinity,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    workerData: { spec, lane, data } satisfies WorkerData,
  });
  pool.on('message', (message: WorkerMessage) => {
    const running = tasks.get(message.id);
    if (running === undefined) return;
    if (message.kind === 'begun') running.thread = message.thread;
    else tell(message.id, message.progress);
  });
  // An idle thread that dies is replaced when it is needed; who notices is the next task.
  pool.on('error', () => undefined);

  const warm = (await pool.run({ kind: 'warmUp' } satisfies Task)) as WarmUp;
  if ('mistake' in warm) throw errorOf(warm.mistake);

  function ask(running: Running, cause: Cause): void {
    if (running.cause !== null) return;
    running.cause = cause;
    Atomics.store(new Int32Array(running.tether.stop), 0, 1);
    running.grace = setTimeout(() => running.force.abort(), 1000 * spec.graceSeconds);
  }

  async function run(
    id: number,
    seconds: number,
    make: (tether: Tether) => Task,
  ): Promise<[Ending, Cause | null]> {
    const place = free.shift();
    if (place === undefined) throw new Error('more tasks than places');
    const tether = { id, place, stop: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT) };
    let isOver = (): void => undefined;
    const over = new Promise<void>((resolve) => (isOver = resolve));
    const running: Running = {
      tether,
      force: new AbortController(),
      cause: null,
      thread: null,
      grace: undefined,
      over,
    };
    tasks.set(id, running);
    const deadline = setTimeout(
      () => ask(running, { kind: 'deadline', seconds }),
      Math.min(1000 * seconds, 2 ** 31 - 1),
    );
    let gone: Promise<unknown> = Promise.resolve();
    running.force.signal.addEventListener('abort', () => {
      const thread = pool.threads.find((one) => one.threadId === running.thread);
      if (thread !== undefined) gone = once(thread, 'exit');
    });
    try {
      const result = (await pool.run(make(tether), { signal: running.force.signal })) as TaskResult;
      return [{ kind: 'returned', result }, running.cause];
    } catch (error) {
      if (!running.force.signal.aborted) return [{ kind: 'threw', error }, running.cause];
      spoilt = true;
      await Promise.race([gone, sleep(1000 * GONE_SECONDS, undefined, { ref: false })]);
      return [{ kind: 'forced' }, running.cause];
    } finally {
      clearTimeout(deadline);
      clearTimeout(running.grace);
      tasks.delete(id);
      resetPlace(lane, place, giveBackCores);
      free.push(place);
      isOver();
    }
  }

  return {
    devices: warm,
    get spoilt() {
      return spoilt;
    },
    async evaluate(id, attempt, job) {
      const elapsed = stopwatch();
      const [ending, cause] = await run(id, job.deadlineSeconds, (tether) => ({
        kind: 'evaluate',
        tether,
        attempt,
        job,
      }));
      return outcomeOf(ending, cause, elapsed() / 1000);
    },
    async measure(id, attempt, texts) {
      const seconds = measureLimit(texts.length, spec.latency.protocol.maxSeconds);
      const [ending, cause] = await run(id, seconds, (tether) => ({
        kind: 'measure',
        tether,
        attempt,
        texts,
      }));
      if (ending.kind === 'threw' && cause?.kind === 'asked') return null;
      if (ending.kind === 'threw') throw ending.error;
      if (ending.kind === 'returned') {
        const timing = ending.result as Timing;
        if ('mistake' in timing) throw errorOf(timing.mistake);
        if (timing.records !== null) return timing.records;
      }
      if (cause?.kind === 'deadline') throw new Error(deadlineReason(cause.seconds));
      return null;
    },
    stop(id, reason) {
      const running = tasks.get(id);
      if (running !== undefined) ask(running, { kind: 'asked', reason });
    },
    async close() {
      for (const running of tasks.values()) ask(running, { kind: 'asked', reason: 'the host closes' });
      await within(
        CLOSE_SECONDS,
        [...tasks.values()].map(({ over }) => over),
      );
      // As many as there are idle threads: each gets one, since none takes two at once.
      const idle = Math.max(0, pool.threads.length - tasks.size);
      await within(
        CLOSE_SECONDS,
        Array.from({ length: idle }, () => pool.run({ kind: 'close' } satisfies Task)),
      );
      await pool.destroy();
    },
  };
}

/** Waits for all of them, whether they succeed or not, but only so long. */
async function within(seconds: number, work: readonly Promise<unknown>[]): Promise<void> {
  if (work.length > 0)
    await Promise.race([Promise.allSettled(work), sleep(1000 * seconds, undefined, { ref: false })]);
}

/** What a task's ending means for its candidate. */
export function outcomeOf(ending: Ending, cause: Cause | null, seconds: number): Outcome {
  switch (ending.kind) {
    case 'returned': {
      const outcome = ending.result as Outcome;
      if (outcome.state !== 'stopped' || cause === null) return outcome;
      const { latency, curve } = outcome;
      if (cause.kind === 'asked') return { ...outcome, reason: cause.reason };
      return {
        state: 'failed',
        reason: deadlineReason(cause.seconds),
        latency,
        curve,
        seconds: outcome.seconds,
      };
    }
    case 'threw':
      // A call that was cancelled throws.
      if (cause?.kind === 'asked')
        return { state: 'stopped', reason: cause.reason, latency: null, curve: [], seconds };
      return { state: 'failed', reason: messageOf(ending.error), latency: null, curve: [], seconds };
    case 'forced':
      if (cause?.kind === 'deadline') {
        const reason = `${deadlineReason(cause.seconds)} and its thread had to be ended by force`;
        return { state: 'failed', reason, latency: null, curve: [], seconds };
      }
      return {
        state: 'stopped',
        reason: cause?.reason ?? 'ended by force',
        latency: null,
        curve: [],
        seconds,
      };
    default:
      return assertNever(ending);
  }
}

function deadlineReason(seconds: number): string {
  return `the deadline of ${seconds} s passed`;
}
