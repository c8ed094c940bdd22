import type { Queue } from 'bullmq';
import type { QueueJob } from '../connection/connect.js';

/** Ms between two looks whether a trial is to be stopped. */
const LOOK_MS = 1000;

/** Hears from the queue that the controller wants a task stopped, or has taken it away. */
export interface StopWatch extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: string): void;
}

export function watchStop(queue: Queue, id: string): StopWatch {
  const controller = new AbortController();
  const look = async (): Promise<void> => {
    const job = (await queue.getJob(id)) as QueueJob | undefined;
    if (job === undefined) return controller.abort('the controller has taken it back');
    const { stop } = job.data as { readonly stop?: unknown };
    if (typeof stop === 'string') controller.abort(stop);
  };
  // A server that is away is reported by the connection.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
