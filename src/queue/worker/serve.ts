import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAborted, isNasError, messageOf, NasError, stopwatch } from '../../core/index.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { QueueConnection } from '../connection/connect.js';
import { deviceDigests } from '../controller/study-workers.js';
import { keepBeating } from '../registry/beating.js';
import { createLiveness } from '../registry/liveness.js';
import { registryIn } from '../registry/registry.js';
import {
  PROTOCOL,
  STUDIES,
  studyRecordSchema,
  WORKERS,
  writerSchema,
  type StudyRecord,
  type WorkerRecord,
} from '../wire/messages.js';
import type { OpenHost } from './open-host.js';
import { processTasks } from './process-tasks.js';

/** Ms between two looks for a study. */
const LOOK_MS = 1000;
/** Ms for which a study is left alone that this worker could do nothing for. */
const REFUSED_MS = 30_000;
/** Ms after which a host is closed whose study has no work, where its controller says nothing, or has ended. */
const IDLE_MS = { silent: 30_000, ended: 3000 } as const;

export interface ServeOptions {
  readonly connection: QueueConnection;
  /** What it is called in lists. */
  readonly name: string;
  readonly version: string;
  /** Only studies of this name; null for any. */
  readonly study: string | null;
  /** Seconds that a worker which says nothing keeps its trial: far longer than its event loop is ever held up. */
  readonly lockSeconds: number;
  /** Of this machine, at the moment. */
  readonly facts: () => Pick<WorkerRecord, 'freeBytes'>;
  /**
   * Starts a host for a study, after it has seen to the data.
   * @throws NasError why this machine cannot take part
   */
  readonly open: (record: StudyRecord, artifacts: ArtifactStore) => Promise<OpenHost>;
  /** Opens the artifact store that a study names. */
  readonly artifacts: (address: string) => Promise<ArtifactStore>;
  /** Aborted: trials are given back with what they have come to. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Serves one study after the other, with one host at a time, until the signal is aborted. */
export async function serveQueue(options: ServeOptions): Promise<void> {
  const { connection, name, version, signal, log } = options;
  const id = `${name.replace(/[^A-Za-z0-9._-]/g, '-')}-${randomUUID().slice(0, 8)}`;
  const studies = registryIn(connection.queue(STUDIES));
  const liveness = createLiveness();
  const refused = new Map<string, () => number>();
  const state = {
    ...{ study: null, slots: 0, fingerprint: null, further: [], busy: [], problem: null },
  } as Pick<WorkerRecord, 'study' | 'slots' | 'fingerprint' | 'further' | 'busy' | 'problem'>;
  const present = { ...state };
  await using beating = await keepBeating(registryIn(connection.queue(WORKERS)), id, () => ({
    ...{ protocol: PROTOCOL, version, name },
    ...options.facts(),
    ...present,
  }));
  const change = async (changes: Partial<typeof state>): Promise<void> => {
    Object.assign(present, changes);
    await beating.update().catch(() => undefined);
  };

  while (!isAborted(signal)) {
    const found = await nextStudy().catch(() => undefined);
    if (found === undefined) {
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
      continue;
    }
    const [study, record] = found;
    try {
      await serveStudy(study, record);
      await change({ ...state });
    } catch (error) {
      const problem = isNasError(error) ? error.message : `it failed: ${messageOf(error)}`;
      if (!signal.aborted) log(`study ${record.study}: ${problem}`);
      refused.set(study, stopwatch());
      await change({ ...state, study, problem });
    }
  }

  /** The first study whose controller lives, which this worker may serve. */
  async function nextStudy(): Promise<readonly [string, StudyRecord] | undefined> {
    const records = await studies.list();
    const beats = [...records].flatMap(([study, data]) => {
      const { beat } = data as { readonly beat?: unknown };
      return typeof beat === 'number' ? [[study, beat] as const] : [];
    });
    liveness.see(new Map(beats));
    for (const [study, data] of records) {
      if (!liveness.isLive(study) || (refused.get(study)?.() ?? Infinity) < REFUSED_MS) continue;
      const record = await readable(study, data);
      if (record !== undefined && (options.study === null || options.study === record.study))
        return [study, record];
    }
    return undefined;
  }

  /** The record, where it is of this version; says why not otherwise. */
  async function readable(study: string, data: unknown): Promise<StudyRecord | undefined> {
    const writer = writerSchema.safeParse(data).data;
    const record = studyRecordSchema.safeParse(data).data;
    if (record?.version === version) return record;
    const problem =
      writer === undefined || (writer.version === version && writer.protocol === PROTOCOL)
        ? 'what its controller wrote is not understood'
        : `its controller is platform-nas ${writer.version}, this worker ${version}: ` +
          'both train the same way only with the same version; install the same one';
    refused.set(study, stopwatch());
    log(problem);
    await change({ ...state, study, problem });
    return undefined;
  }

  async function serveStudy(study: string, record: StudyRecord): Promise<void> {
    log(`study ${record.study}: starting the host …`);
    const artifacts = await options.artifacts(record.artifacts);
    await change({ ...state, study });
    await using host = await options.open(record, artifacts);
    const { fingerprint, further = [], slots } = host.pool;
    await change({ study, slots, fingerprint, further, problem: null });
    const devices = await agreedDevices(study, deviceDigests(host.pool));
    log(`study ${record.study}: ready, ${slots} ${slots === 1 ? 'trial' : 'trials'} at a time`);
    await using tasks = await processTasks({
      ...{ connection, study, host, artifacts, devices, name, version, signal, log },
      lockSeconds: options.lockSeconds,
      onBusy: (busy) => void (present.busy = busy),
    });
    const idle = { since: stopwatch() };
    while (!signal.aborted && host.pool.failure === null) {
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
      const controller = present.busy.length > 0 ? 'live' : await controllerOf(study);
      if (controller === 'live') idle.since = stopwatch();
      else if (idle.since() > IDLE_MS[controller]) break;
    }
    if (host.pool.failure !== null) throw host.pool.failure;
    await tasks.close(signal.aborted);
    log(`study ${record.study}: left`);
  }

  async function controllerOf(study: string): Promise<'live' | 'silent' | 'ended'> {
    try {
      const record = (await studies.list()).get(study) as { readonly beat?: number } | undefined;
      if (record?.beat === undefined) return 'ended';
      liveness.see(new Map([[study, record.beat]]));
      return liveness.isLive(study) ? 'live' : 'silent';
    } catch {
      // A server that is away is reported by the connection.
      return 'live';
    }
  }

  /**
   * The devices that the study's latencies are of, once they are agreed on: the first worker's, unless it had some.
   * @throws NasError `NAS_STUDY_DEVICE` where this worker has others
   */
  async function agreedDevices(study: string, own: readonly string[]): Promise<readonly string[]> {
    for (;;) {
      signal.throwIfAborted();
      const data = (await studies.list()).get(study);
      const devices = studyRecordSchema.safeParse(data).data?.devices ?? null;
      if (devices?.join() === own.join()) return own;
      if (devices !== null) throw otherDevice(devices, own);
      await sleep(LOOK_MS, undefined, { signal });
    }
  }
}

function otherDevice(devices: readonly string[], own: readonly string[]): NasError {
  const short = (digests: readonly string[]): string => digests.map((one) => one.slice(0, 8)).join(', ');
  return new NasError({
    code: 'NAS_STUDY_DEVICE',
    found: `this worker times on another device (${short(own)}) than the study is timed on (${short(devices)})`,
    expected:
      'the same processor or card, system and versions: latencies of different devices do not compare',
    fix: 'start workers on equal machines',
  });
}
