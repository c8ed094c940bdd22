import type { Worker } from 'bullmq';
import { messageOf, NasError } from '../../core/index.js';
import { serializeError, type SerializedError } from '../../pool/index.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { QueueConnection, QueueJob } from '../connection/connect.js';
import {
  PROTOCOL,
  queueOfStudy,
  taskSchema,
  writerSchema,
  type Task,
  type TaskResult,
} from '../wire/messages.js';
import { pack } from '../wire/packed.js';
import { evaluateTask, GivenBack } from './evaluate-task.js';
import type { OpenHost } from './open-host.js';
import { watchStop } from './watch-stop.js';

/** Machines that may be lost at one trial before it is given up: one that ends that many is at fault itself. */
const MOST_LOSSES = 10;
/** Ms before what could not be reported is reported again. */
const REPORT_AGAIN_MS = 2000;
/** Ms within which an idle worker notices that it is to end. */
const DRAIN_SECONDS = 5;

export interface ProcessOptions {
  readonly connection: QueueConnection;
  readonly study: string;
  readonly host: OpenHost;
  readonly artifacts: ArtifactStore;
  /** Digests of the devices of this worker, which are the study's. */
  readonly devices: readonly string[];
  readonly name: string;
  readonly version: string;
  readonly lockSeconds: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Hears which trials are worked on whenever that changes. */
  readonly onBusy: (trials: readonly number[]) => void;
}

/** What takes tasks from a study's queue. */
export interface TaskProcessor extends AsyncDisposable {
  /** Takes no more tasks and waits for those at work, which `giveBack` stops. */
  close(giveBack: boolean): Promise<void>;
}

/**
 * Gives tasks to the host until it is closed. The host's processes do the work, so that this event loop stays free to
 * renew locks. A lost lock aborts its task; the queue refuses what such a task ends with.
 */
export async function processTasks(options: ProcessOptions): Promise<TaskProcessor> {
  const { connection, study, host, lockSeconds, signal, log } = options;
  const busy = new Map<string, number>();
  const giveBack = new AbortController();
  const onAbort = (): void => giveBack.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  const queue = connection.queue(queueOfStudy(study));
  const note = (): void => options.onBusy([...new Set(busy.values())]);

  // Three parameters: BullMQ gives a signal only to a function that names it.
  const process = async (
    raw: unknown,
    token: string | undefined,
    lost: AbortSignal | undefined,
  ): Promise<string> => {
    const job = raw as QueueJob;
    const id = job.id ?? '';
    const read = readTask(job.data, options);
    if ('problem' in read) return pack(errorResult(options.name, read.problem));
    const { task } = read;
    busy.set(id, task.kind === 'evaluate' ? task.job.trial : 0);
    note();
    const stop = watchStop(queue, id);
    try {
      if (task.stop !== null) stop.abort(task.stop);
      const signals = {
        stop: stop.signal,
        lost: lost ?? new AbortController().signal,
        giveBack: giveBack.signal,
      };
      return pack(await evaluateTask(job, task, signals, { ...options, ...host }));
    } catch (error) {
      if (error instanceof GivenBack) {
        await job.moveToWait(token);
        const { WaitingError } = await import('bullmq');
        throw new WaitingError();
      }
      // A lock that is lost: the trial is another worker's, and the queue takes nothing from this one.
      if (lost?.aborted === true) throw error;
      return pack(errorResult(options.name, serializeError(error, 'NAS_BUG')));
    } finally {
      stop[Symbol.dispose]();
      busy.delete(id);
      note();
    }
  };

  const worker: Worker = connection.worker(queueOfStudy(study), process as never, {
    concurrency: Math.max(1, host.pool.slots),
    lockDuration: 1000 * lockSeconds,
    lockRenewTime: (1000 * lockSeconds) / 3,
    stalledInterval: (1000 * lockSeconds) / 2,
    maxStalledCount: MOST_LOSSES,
    runRetryDelay: REPORT_AGAIN_MS,
    drainDelay: DRAIN_SECONDS,
    name: options.name,
  });
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) {
      log(`${id}: another worker has it now; what this one came to is refused`);
      worker.cancelJob(id, 'the lock of this trial was lost');
    }
  });
  worker.on('stalled', (id) =>
    log(`${id}: its worker was lost; it is tried again, which counts as no failure`),
  );
  await worker.waitUntilReady();

  const close = async (back: boolean): Promise<void> => {
    if (back) giveBack.abort();
    signal.removeEventListener('abort', onAbort);
    await worker.close();
  };
  return { close, [Symbol.asyncDispose]: () => close(true) };
}

/** The task, or why this worker must not do it. */
function readTask(
  data: unknown,
  { version, devices }: ProcessOptions,
): { readonly task: Task } | { readonly problem: SerializedError } {
  const writer = writerSchema.safeParse(data).data;
  if (writer !== undefined && (writer.protocol !== PROTOCOL || writer.version !== version))
    return {
      problem: refusal(
        'NAS_QUEUE_VERSION',
        `a trial of platform-nas ${writer.version} for a worker of ${version}`,
        'install the same version on the controller and on all workers',
      ),
    };
  const parsed = taskSchema.safeParse(data);
  if (!parsed.success)
    return { problem: refusal('NAS_BAD_JOB', `a task that is not understood: ${messageOf(parsed.error)}`) };
  if (parsed.data.devices.join() !== devices.join())
    return {
      problem: refusal('NAS_STUDY_DEVICE', 'a trial that is timed on another device than this worker has'),
    };
  return { task: parsed.data };
}

function refusal(code: string, found: string, fix?: string): SerializedError {
  return serializeError(
    new NasError({ code, found, fault: 'permanent', ...(fix === undefined ? {} : { fix }) }),
    code,
  );
}

function errorResult(worker: string, error: SerializedError): TaskResult {
  return { kind: 'error', worker, error };
}
