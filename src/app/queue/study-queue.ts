import { digest } from '../../core/index.js';
import { checkHostSpec, type HostSpecInput, type Pool } from '../../pool/index.js';
import { artifactStore, connectQueue, openQueuePool } from '../../queue/index.js';
import type { TrialStore } from '../../trials/index.js';
import { packageVersion } from '../environment.js';
import { queueAddress } from './queue-address.js';
import { keptDigest } from '../study/same-data.js';
import { studyDevices } from '../study/same-device.js';

/** Which queue feeds workers, and how weights travel. Never stored with a study. */
export interface QueueChoice {
  /** May hold a user and a password. */
  readonly url: string;
  /** A folder that every machine sees, or `s3://BUCKET/PREFIX`. */
  readonly artifacts: string;
  /** Of an S3 server that is not Amazon's. */
  readonly endpoint?: string | undefined;
}

interface StudyQueueOptions {
  readonly choice: QueueChoice;
  readonly input: HostSpecInput;
  readonly store: TrialStore;
  readonly newDevice: boolean;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly notice: ((text: string) => void) | undefined;
  readonly warn: (text: string) => void;
}

/** The pool of a study whose trials workers of a queue evaluate. @throws NasError what queue and artifact store find */
export async function openStudyQueue(options: StudyQueueOptions): Promise<Pool> {
  const { choice, input, store, newDevice, signal, log, notice, warn } = options;
  const address = queueAddress(choice.url);
  const artifacts = await artifactStore(choice.artifacts, { endpoint: choice.endpoint });
  const connection = await connectQueue(address, log);
  const { name, createdAt, seed } = store.study;
  try {
    const pool = await openQueuePool({
      ...{ connection, artifacts, signal, log, warn },
      study: { id: digest([name, createdAt, seed]).slice(0, 16), name },
      spec: checkHostSpec(input),
      dataDigest: keptDigest(store),
      devices: newDevice ? null : (studyDevices(store) ?? null),
      version: packageVersion(),
      notice: (text) => notice?.(text),
    });
    return {
      ...pool,
      get slots() {
        return pool.slots;
      },
      async [Symbol.asyncDispose]() {
        await pool[Symbol.asyncDispose]();
        await connection[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}
