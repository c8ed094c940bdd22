import type { Queue } from 'bullmq';
import type { QueueJob } from '../connection/connect.js';

/** Records by id, kept as jobs that no worker takes: what BullMQ offers to share some facts. */
export interface Registry {
  put(id: string, record: object): Promise<void>;
  remove(id: string): Promise<void>;
  /** All, unchecked. */
  list(): Promise<ReadonlyMap<string, unknown>>;
}

/** Records that are read at most. */
const MOST = 10_000;

export function registryIn(queue: Queue): Registry {
  const known = new Map<string, QueueJob>();
  return {
    async put(id, record) {
      const job = known.get(id) ?? ((await queue.getJob(id)) as QueueJob | undefined);
      if (job !== undefined) {
        try {
          await job.updateData(record);
          known.set(id, job);
          return;
        } catch {
          // Removed meanwhile: it is written again.
          known.delete(id);
        }
      }
      known.set(id, (await queue.add('record', record, { jobId: id })) as QueueJob);
    },
    async remove(id) {
      known.delete(id);
      await queue.remove(id);
    },
    async list() {
      const jobs = (await queue.getJobs(['waiting'], 0, MOST)) as (QueueJob | undefined)[];
      return new Map(jobs.flatMap((job) => (job?.id === undefined ? [] : [[job.id, job.data] as const])));
    },
  };
}
