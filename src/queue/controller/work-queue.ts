import { setMaxListeners } from 'node:events';
import type { Queue, QueueEvents } from 'bullmq';
import { assertNever } from '../../core/index.js';
import type { QueueConnection, QueueJob } from '../connection/connect.js';
import {
  queueOfStudy,
  taskProgressSchema,
  taskResultSchema,
  taskSchema,
  type Task,
  type TaskProgress,
  type TaskResult,
} from '../wire/messages.js';
import { unpack } from '../wire/packed.js';

/** Ms between two looks at what is in flight, for what no event came of. */
const LOOK_MS = 5000;
/** Jobs asked for in one look. */
const LOOK_AT = 200;
/**
 * Ms that a finished job stays, and how many do: a controller that dies before it has stored the result finds it again. In
 * mode `batch` a result waits for those of earlier trials.
 */
const KEEP_MS = 60_000;
const KEEP = 1000;
/** Ms that a worker has to stop a trial before it is taken for gone. */
const STOP_MS = 60_000;
/** Seconds after which a finished job goes that no controller has asked for. */
const FORGET_SECONDS = 14 * 24 * 3600;

/** How a task ended here. */
export type TaskEnd =
  | { readonly kind: 'result'; readonly result: TaskResult }
  | { readonly kind: 'stopped' }
  /** The queue gave it up: what it says. */
  | { readonly kind: 'given up'; readonly reason: string };

interface Pending {
  readonly id: string;
  readonly task: Task;
  readonly progress: (progress: TaskProgress) => void;
  readonly settle: (end: TaskEnd) => void;
  attempt: number;
  stop: string | null;
  stopWatch: NodeJS.Timeout | undefined;
}

/** The tasks of one study, each in the queue once, by its id. */
export interface WorkQueue extends AsyncDisposable {
  /**
   * Resolves when it has ended. A task that an earlier controller left under this id is taken up: its result where it has
   * one, else it runs on.
   * @param progress hears of the latest attempt only
   */
  run(id: string, task: Task, signal: AbortSignal, progress: Pending['progress']): Promise<TaskEnd>;
  /** Puts the result of a task back that could not be used yet: the next `run` of this id ends with it. */
  keep(id: string): void;
}

/** @param reasonOf the text that a stopped task ends with */
export async function openWorkQueue(
  connection: QueueConnection,
  study: string,
  reasonOf: (signal: AbortSignal) => string,
): Promise<WorkQueue> {
  const name = queueOfStudy(study);
  const queue: Queue = connection.queue(name);
  const events: QueueEvents = connection.events(name);
  const pending = new Map<string, Pending>();
  const finished = new Map<string, NodeJS.Timeout>();
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
  const left = await leftIn(queue);

  events.on('completed', ({ jobId, returnvalue }) => hearResult(jobId, returnvalue));
  events.on('failed', ({ jobId, failedReason }) => settle(jobId, { kind: 'given up', reason: failedReason }));
  events.on('progress', ({ jobId, data }) => hearProgress(jobId, data));
  const look = setInterval(() => void lookAtAll().catch(() => undefined), LOOK_MS);

  function hearResult(id: string, returned: unknown): void {
    const one = pending.get(id);
    if (one === undefined) return;
    const result = unpack(taskResultSchema, returned);
    if (result === undefined)
      return settle(id, { kind: 'given up', reason: 'a worker sent a result that is not understood' });
    // Not asked for here: by a controller that has died, or its worker is ending.
    if (isStopped(result) && one.stop === null) return void again(one);
    settle(id, { kind: 'result', result });
  }

  function hearProgress(id: string, packed: unknown): void {
    const one = pending.get(id);
    const heard = one === undefined ? undefined : unpack(taskProgressSchema, packed);
    if (one === undefined || heard === undefined || heard.attempt < one.attempt) return;
    one.attempt = heard.attempt;
    one.progress(heard);
  }

  function settle(id: string, end: TaskEnd): void {
    const one = pending.get(id);
    if (one === undefined) return;
    pending.delete(id);
    clearTimeout(one.stopWatch);
    removeLater(id);
    one.settle(one.stop !== null && end.kind === 'given up' ? { kind: 'stopped' } : end);
  }

  function removeLater(id: string): void {
    clearTimeout(finished.get(id));
    finished.set(
      id,
      setTimeout(() => removeNow(id), KEEP_MS),
    );
    const [oldest] = finished.keys();
    if (finished.size > KEEP && oldest !== undefined) removeNow(oldest);
  }

  function removeNow(id: string): void {
    clearTimeout(finished.get(id));
    finished.delete(id);
    queue.remove(id).catch(() => undefined);
  }

  async function add({ id, task }: Pending): Promise<void> {
    await queue.add(task.kind, task, {
      jobId: id,
      attempts: 1,
      removeOnComplete: { age: FORGET_SECONDS },
      removeOnFail: { age: FORGET_SECONDS },
    });
  }

  async function again(one: Pending): Promise<void> {
    await queue.remove(one.id).catch(() => undefined);
    if (pending.get(one.id) === one) await add(one);
  }

  async function begin(one: Pending): Promise<void> {
    const isLeft = left.delete(one.id);
    // Ended before, and asked for once more: from the start.
    if (finished.has(one.id)) {
      clearTimeout(finished.get(one.id));
      finished.delete(one.id);
      return again(one);
    }
    if (!isLeft) return add(one);
    const job = (await queue.getJob(one.id)) as QueueJob | undefined;
    const state = job === undefined ? 'unknown' : await job.getState();
    if (job === undefined || state === 'unknown') return add(one);
    if (state === 'failed') return again(one);
    if (state === 'completed') return hearResult(one.id, job.returnvalue);
    // It waits or runs; an earlier controller may have asked it to stop.
    const task = taskSchema.safeParse(job.data).data;
    if (task?.stop !== null) await job.updateData(one.task);
  }

  async function lookAtAll(): Promise<void> {
    for (const one of [...pending.values()].slice(0, LOOK_AT)) {
      const job = (await queue.getJob(one.id)) as QueueJob | undefined;
      if (pending.get(one.id) !== one) continue;
      if (job === undefined) await add(one);
      else if (job.finishedOn !== undefined && job.failedReason)
        settle(one.id, { kind: 'given up', reason: job.failedReason });
      else if (job.finishedOn !== undefined) hearResult(one.id, job.returnvalue);
      // The oldest first the next time.
      if (pending.delete(one.id)) pending.set(one.id, one);
    }
  }

  async function stop(one: Pending, reason: string): Promise<void> {
    if (one.stop !== null || pending.get(one.id) !== one) return;
    one.stop = reason;
    one.stopWatch = setTimeout(() => settle(one.id, { kind: 'stopped' }), STOP_MS);
    try {
      // One that no worker has taken is simply taken out.
      const job = (await queue.getJob(one.id)) as QueueJob | undefined;
      if (job === undefined || (await job.getState()) !== 'active') {
        await queue.remove(one.id);
        return settle(one.id, { kind: 'stopped' });
      }
      await job.updateData({ ...one.task, stop: reason });
    } catch {
      // Taken or ended in this moment: its result, or the watch, ends it.
    }
  }

  return {
    run: (id, task, signal, progress) =>
      new Promise<TaskEnd>((resolve, reject) => {
        const onAbort = (): void => void stop(one, reasonOf(signal));
        const one: Pending = {
          ...{ id, task, progress, attempt: 0, stop: null, stopWatch: undefined },
          settle(end) {
            signal.removeEventListener('abort', onAbort);
            resolve(end);
          },
        };
        pending.set(id, one);
        // One for each task that runs; Node takes more than ten for a leak.
        setMaxListeners(0, signal);
        begin(one)
          .then(() => {
            if (signal.aborted) onAbort();
          })
          .catch((error: unknown) => {
            pending.delete(id);
            signal.removeEventListener('abort', onAbort);
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        signal.addEventListener('abort', onAbort, { once: true });
      }),
    keep(id) {
      clearTimeout(finished.get(id));
      finished.delete(id);
      left.add(id);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(look);
      for (const one of pending.values()) {
        clearTimeout(one.stopWatch);
        one.settle({ kind: 'stopped' });
      }
      pending.clear();
      for (const timer of finished.values()) clearTimeout(timer);
      const over = [...finished.keys(), ...left];
      finished.clear();
      // A server that is away keeps them until their age.
      await Promise.allSettled(over.map((id) => queue.remove(id)));
    },
  };
}

function isStopped(result: TaskResult): boolean {
  switch (result.kind) {
    case 'outcome':
      return result.outcome.state === 'stopped';
    case 'measured':
    case 'error':
      return false;
    default:
      return assertNever(result);
  }
}

/** Ids of what an earlier controller left, whatever has become of it. */
async function leftIn(queue: Queue): Promise<Set<string>> {
  const jobs = (await queue.getJobs(['waiting', 'active', 'completed', 'failed'])) as (
    QueueJob | undefined
  )[];
  return new Set(jobs.flatMap((job) => job?.id ?? []));
}
