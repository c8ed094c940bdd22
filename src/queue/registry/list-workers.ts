import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueConnection } from '../connection/connect.js';
import {
  STUDIES,
  studyRecordSchema,
  WORKERS,
  workerRecordSchema,
  type WorkerRecord,
} from '../wire/messages.js';
import { BEAT_MS, createLiveness, type Liveness } from './liveness.js';
import { registryIn, type Registry } from './registry.js';

export interface LiveWorker extends Omit<WorkerRecord, 'study'> {
  readonly id: string;
  /** Name of the study that it works for; null for none. */
  readonly study: string | null;
}

/** The workers that live now; watches them for some seconds, as each shows it by its beat. */
export async function listWorkers(
  connection: QueueConnection,
  signal: AbortSignal,
): Promise<readonly LiveWorker[]> {
  const registry = registryIn(connection.queue(WORKERS));
  const studies = registryIn(connection.queue(STUDIES));
  const liveness = createLiveness();
  await seeWorkers(registry, liveness);
  await sleep(2 * BEAT_MS + 500, undefined, { signal }).catch(() => undefined);
  const names = new Map(
    [...(await studies.list())].map(
      ([id, data]) => [id, studyRecordSchema.safeParse(data).data?.study] as const,
    ),
  );
  return [...(await seeWorkers(registry, liveness))]
    .filter(([id]) => liveness.isLive(id))
    .map(([id, { study, ...record }]) => ({
      ...record,
      id,
      study: study === null ? null : (names.get(study) ?? null),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
}

/** Reads the records of workers, those of this version, and notes their beats. */
export async function seeWorkers(
  registry: Registry,
  liveness: Liveness,
): Promise<ReadonlyMap<string, WorkerRecord>> {
  const records = new Map<string, WorkerRecord>();
  for (const [id, data] of await registry.list()) {
    const record = workerRecordSchema.safeParse(data).data;
    if (record !== undefined) records.set(id, record);
  }
  liveness.see(new Map([...records].map(([id, { beat }]) => [id, beat])));
  return records;
}
