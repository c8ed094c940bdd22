import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { DataSet } from '../../data/index.js';
import { assertNever, entryFile, messageOf, stopwatch } from '../../core/index.js';
import { rememberCores } from '../../latency/index.js';
import type { Job, LatencyRecord, Outcome, Progress, TimingEffort } from '../../trials/index.js';
import type { Devices } from '../engine/engine.js';
import { createTimingLock, resetPlace } from './timing-lock.js';
import { deserializeError } from '../serialized-error.js';
import type { HostSpec } from '../spec.js';
import { messageOrder } from '../message-order.js';
import { noProgress, watchProgress } from '../no-progress.js';
import {
  ALIVE,
  STOP,
  type Evaluation,
  type Task,
  type TaskAnswer,
  type TaskResult,
  type TaskHandle,
  type Timing,
  type WarmUp,
  type WorkerData,
  type WorkerMessage,
} from './tasks.js';

/** Seconds a thread that is ended by force has to be gone. */
const GONE_SECONDS = 5;
/** Seconds that running tasks have to end, and after them threads to close what they opened. */
const CLOSE_SECONDS = 4;

/** Why a task is to end. */
type Cause =
  { readonly kind: 'asked'; readonly reason: string } | { readonly kind: 'idle'; readonly seconds: number };

interface Running {
  readonly handle: TaskHandle;
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

/** What an evaluation comes to; `hung`: it was ended because it made no progress. Rejects with a fault of the surroundings. */
export interface Evaluated {
  readonly outcome: Outcome;
  readonly hung: boolean;
}

/** A measurement was ended because it made no progress. */
export class HungError extends Error {}

/** Threads as Piscina has them. */
export type Threads = Pick<Piscina, 'run' | 'threads' | 'destroy'> & {
  on(event: 'message', listener: (message: WorkerMessage) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
};

/** What a worker pool reports to its host while tasks run. */
export interface WorkerPoolListener {
  progress(id: number, progress: Progress): void;
  /** The task got on since the last call; at most once in a few seconds. */
  alive(id: number): void;
}

/** The worker threads of a host, and who does what. */
export interface WorkerPool {
  readonly devices: Devices;
  /** True once a thread was ended by force: its memory is lost until the process ends. */
  readonly tainted: boolean;
  evaluate(id: number, attempt: number, job: Job): Promise<Evaluated>;
  /** @returns null when it was stopped. Rejects with HungError, and with what the measurement threw. */
  measure(
    id: number,
    attempt: number,
    texts: readonly string[],
    effort: TimingEffort,
  ): Promise<readonly LatencyRecord[] | null>;
  /** Asks a task to end between two steps; ends its thread when it has not after the grace. */
  stop(id: number, reason: string): void;
  close(): Promise<void>;
}

/**
 * Starts the first worker and lets it use everything once; the others start when they are needed, at most
 * `spec.workers`, and one more that only measures, so that a measurement never waits for a training to end.
 */
export async function openWorkerPool(
  spec: HostSpec,
  data: DataSet | null,
  listener: WorkerPoolListener,
  start: typeof startThreads = startThreads,
): Promise<WorkerPool> {
  const places = spec.workers + 1;
  const timingLock = createTimingLock(places);
  const free = Array.from({ length: places }, (_, place) => place);
  const tasks = new Map<number, Running>();
  const giveBackCores = rememberCores();
  let tainted = false;

  const pool = start(places, { spec, timingLock, data });
  const order = messageOrder();
  pool.on('message', (message: WorkerMessage) => {
    const running = tasks.get(message.id);
    if (running === undefined) return;
    if (message.kind === 'begun') running.thread = message.thread;
    else listener.progress(message.id, message.progress);
    order.heard(message.id);
  });
  // An idle thread that dies is replaced when it is needed; who notices is the next task.
  pool.on('error', () => undefined);

  const first = (await pool.run({ kind: 'warmUp' } satisfies Task)) as TaskAnswer;
  const warm = first.result as WarmUp;
  if ('serializedError' in warm) throw deserializeError(warm.serializedError);

  function ask(running: Running, cause: Cause): void {
    if (running.cause !== null) return;
    running.cause = cause;
    Atomics.store(new Int32Array(running.handle.memory), STOP, 1);
    running.grace = setTimeout(() => running.force.abort(), 1000 * spec.graceSeconds);
  }

  async function run(id: number, make: (handle: TaskHandle) => Task): Promise<[Ending, Cause | null]> {
    const place = free.shift();
    if (place === undefined) throw new Error('more tasks than places');
    const handle = { id, place, memory: new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT) };
    let isOver = (): void => undefined;
    const over = new Promise<void>((resolve) => (isOver = resolve));
    const running: Running = {
      handle,
      force: new AbortController(),
      cause: null,
      thread: null,
      grace: undefined,
      over,
    };
    tasks.set(id, running);
    order.begin(id);
    const words = new Int32Array(handle.memory);
    const { idleSeconds } = spec;
    const endWatch = watchProgress({
      read: () => Atomics.load(words, ALIVE),
      idleSeconds,
      alive: () => listener.alive(id),
      idle: () => ask(running, { kind: 'idle', seconds: idleSeconds }),
    });
    let gone: Promise<unknown> = Promise.resolve();
    running.force.signal.addEventListener('abort', () => {
      const thread = pool.threads.find((one) => one.threadId === running.thread);
      if (thread !== undefined) gone = once(thread, 'exit');
    });
    try {
      const answer = (await pool.run(make(handle), { signal: running.force.signal })) as TaskAnswer;
      const { result, sent } = answer;
      await order.all(id, sent);
      return [{ kind: 'returned', result }, running.cause];
    } catch (error) {
      if (!running.force.signal.aborted) return [{ kind: 'threw', error }, running.cause];
      tainted = true;
      await Promise.race([gone, sleep(1000 * GONE_SECONDS, undefined, { ref: false })]);
      return [{ kind: 'forced' }, running.cause];
    } finally {
      endWatch();
      clearTimeout(running.grace);
      tasks.delete(id);
      order.end(id);
      resetPlace(timingLock, place, giveBackCores);
      free.push(place);
      isOver();
    }
  }

  return {
    devices: warm,
    get tainted() {
      return tainted;
    },
    async evaluate(id, attempt, job) {
      const elapsed = stopwatch();
      const [ending, cause] = await run(id, (handle) => ({
        kind: 'evaluate',
        handle,
        attempt,
        job,
      }));
      return outcomeOf(ending, cause, elapsed() / 1000);
    },
    async measure(id, attempt, texts, effort) {
      const [ending, cause] = await run(id, (handle) => ({
        kind: 'measure',
        handle,
        attempt,
        texts,
        effort,
      }));
      if (ending.kind === 'threw' && cause?.kind === 'asked') return null;
      if (ending.kind === 'threw' && cause?.kind === 'idle') throw new HungError(noProgress(cause.seconds));
      if (ending.kind === 'threw') throw ending.error;
      if (ending.kind === 'returned') {
        const timing = ending.result as Timing;
        if ('serializedError' in timing) throw deserializeError(timing.serializedError);
        if (timing.records !== null) return timing.records;
      }
      if (cause?.kind === 'idle') throw new HungError(noProgress(cause.seconds));
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
      // As many as there are idle threads: each gets one, since none takes two at the same time.
      const idle = Math.max(0, pool.threads.length - tasks.size);
      await within(
        CLOSE_SECONDS,
        Array.from({ length: idle }, () => pool.run({ kind: 'close' } satisfies Task)),
      );
      await pool.destroy();
    },
  };
}

function startThreads(places: number, workerData: WorkerData): Threads {
  return new Piscina({
    filename: entryFile(import.meta.url, 'worker'),
    minThreads: 1,
    maxThreads: places,
    idleTimeout: Infinity,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    workerData,
  });
}

/** Waits for all of them, whether they succeed or not, but only so long. */
async function within(seconds: number, work: readonly Promise<unknown>[]): Promise<void> {
  if (work.length > 0)
    await Promise.race([Promise.allSettled(work), sleep(1000 * seconds, undefined, { ref: false })]);
}

/** What a task's ending means for its candidate. @throws NasError the fault of the surroundings that it met */
export function outcomeOf(ending: Ending, cause: Cause | null, seconds: number): Evaluated {
  const idle = cause?.kind === 'idle' ? noProgress(cause.seconds) : null;
  const rest = { latency: null, curve: [], seconds };
  switch (ending.kind) {
    case 'returned': {
      const outcome = ending.result as Evaluation;
      if ('serializedError' in outcome) {
        if (cause?.kind !== 'asked') throw deserializeError(outcome.serializedError);
        return { outcome: { state: 'stopped', reason: cause.reason, ...rest }, hung: false };
      }
      if (outcome.state !== 'stopped' || cause === null) return { outcome, hung: false };
      if (cause.kind === 'asked') return { outcome: { ...outcome, reason: cause.reason }, hung: false };
      return { outcome: { ...outcome, state: 'failed', reason: noProgress(cause.seconds) }, hung: true };
    }
    case 'threw':
      // A call that was cancelled throws.
      if (cause?.kind === 'asked')
        return { outcome: { state: 'stopped', reason: cause.reason, ...rest }, hung: false };
      if (idle !== null) return { outcome: { state: 'failed', reason: idle, ...rest }, hung: true };
      return { outcome: { state: 'failed', reason: messageOf(ending.error), ...rest }, hung: false };
    case 'forced': {
      if (idle === null) {
        const reason = cause?.kind === 'asked' ? cause.reason : 'ended by force';
        return { outcome: { state: 'stopped', reason, ...rest }, hung: false };
      }
      const reason = `${idle} and its thread had to be ended by force`;
      return { outcome: { state: 'failed', reason, ...rest }, hung: true };
    }
    default:
      return assertNever(ending);
  }
}
