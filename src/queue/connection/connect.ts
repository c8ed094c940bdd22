import type * as BullMQ from 'bullmq';
import type { Job, Processor, Queue, QueueEvents, Worker, WorkerOptions } from 'bullmq';
import { messageOf, stopwatch } from '../../core/index.js';
import { checkRedis } from './check-redis.js';
import { packageMissing } from './package-missing.js';
import type { QueueAddress } from './url.js';

/** Before all names in the store. */
const PREFIX = 'nas';
/** Events that are kept for a controller that is away for a moment; results are kept by their jobs. */
const EVENTS_KEPT = 1000;
/** Ms between two attempts to connect again. */
const RECONNECT_MS = 1000;
/** The same trouble is reported at most once in this number of ms. */
const REPORT_MS = 30_000;

/** BullMQ on one queue server; opens what is asked for and closes all of it. */
export interface QueueConnection extends AsyncDisposable {
  readonly address: QueueAddress;
  queue(name: string): Queue;
  events(name: string): QueueEvents;
  worker(name: string, process: Processor, options: Omit<WorkerOptions, 'connection' | 'prefix'>): Worker;
}

export type QueueJob = Job<unknown, unknown>;

type Parts = Pick<typeof BullMQ, 'Queue' | 'QueueEvents' | 'Worker'>;

/**
 * Connects to a queue server and checks that it keeps what is written to it.
 * @param log gets what befalls the connection, without credentials
 * @throws NasError `NAS_QUEUE_PACKAGE`, `NAS_QUEUE_AWAY`, `NAS_QUEUE_REFUSED`, `NAS_QUEUE_EVICTS`
 */
export async function connectQueue(
  address: QueueAddress,
  log: (line: string) => void,
): Promise<QueueConnection> {
  const parts = await partsFor(address);
  const connection = connectionOptions(address);
  const open: { close(): Promise<void> }[] = [];
  const report = reporter(address, log);
  const keep = <T extends Queue | QueueEvents | Worker>(one: T): T => {
    // Without a listener the process would end.
    (one as QueueEvents).on('error', report);
    open.push(one);
    return one;
  };
  return {
    address,
    queue: (name) =>
      keep(
        new parts.Queue(name, {
          connection,
          prefix: PREFIX,
          streams: { events: { maxLen: EVENTS_KEPT } },
        }),
      ),
    events: (name) => keep(new parts.QueueEvents(name, { connection, prefix: PREFIX })),
    worker: (name, process, options) =>
      keep(new parts.Worker(name, process, { ...options, connection, prefix: PREFIX })),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(open.map((one) => one.close()));
    },
  };
}

async function partsFor(address: QueueAddress): Promise<Parts> {
  const bullmq = await import('bullmq').catch((error: unknown) => {
    throw packageMissing('bullmq', error);
  });
  await checkRedis(address);
  return bullmq;
}

/** Commands wait while the server is away, as a restart of it takes no trial with it. */
function connectionOptions({ url }: QueueAddress) {
  return { url, maxRetriesPerRequest: null, retryStrategy: () => RECONNECT_MS };
}

function reporter(address: QueueAddress, log: (line: string) => void): (error: Error) => void {
  const last = new Map<string, () => number>();
  return (error) => {
    const text = messageOf(error) || (error as NodeJS.ErrnoException).code || error.name;
    const since = last.get(text);
    if (since !== undefined && since() < REPORT_MS) return;
    last.clear();
    last.set(text, stopwatch());
    log(`queue ${address.shown}: ${text}`);
  };
}
