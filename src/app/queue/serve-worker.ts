import { rmSync } from 'node:fs';
import { freemem, hostname } from 'node:os';
import { startPool } from '../../pool/index.js';
import {
  artifactStore,
  connectQueue,
  placedSpec,
  serveQueue,
  type OpenHost,
  type StudyRecord,
  type WorkerPlaces,
} from '../../queue/index.js';
import { packageVersion, type Places } from '../environment.js';
import { requireBackend } from '../study/session.js';
import { temporaryFolder } from '../temporary.js';
import { queueAddress } from './queue-address.js';
import { requireWorkerData } from './worker-data.js';

/** Far longer than the event loop of a worker is held up by anything: its host trains in other processes. */
export const LOCK_SECONDS = 60;

export interface WorkerOptions {
  /** May hold a user and a password. */
  readonly url: string;
  /** Where this machine finds the artifact store; left out where it is as the study says. */
  readonly artifacts?: string | undefined;
  /** Of an S3 server that is not Amazon's. */
  readonly endpoint?: string | undefined;
  /** Only studies of this name. */
  readonly study?: string | undefined;
  /** Concurrent trials; as the study has it unless given. */
  readonly workers?: number | undefined;
  /** Platforms that may run a program or get an agent's token on this machine. */
  readonly platforms?: readonly string[] | undefined;
  /** What it is called in lists; the machine's name unless given. */
  readonly name?: string | undefined;
  readonly lockSeconds?: number | undefined;
  readonly places: Places;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Works for studies of a queue until the signal is aborted. @throws NasError what the queue finds */
export async function serveWorker(options: WorkerOptions): Promise<void> {
  const { url, endpoint, places, signal, onLine } = options;
  const address = queueAddress(url);
  await using connection = await connectQueue(address, onLine);
  const name = options.name ?? hostname();
  onLine(`worker ${name} waits for studies at ${address.shown}`);
  await serveQueue({
    connection,
    name,
    version: packageVersion(),
    study: options.study ?? null,
    lockSeconds: options.lockSeconds ?? LOCK_SECONDS,
    facts: () => ({ freeBytes: freemem() }),
    artifacts: (of) => artifactStore(options.artifacts ?? of, { endpoint }),
    open: (record) => openHost(record, options, places, onLine),
    signal,
    log: onLine,
  });
}

async function openHost(
  record: StudyRecord,
  { workers, platforms = [], signal }: WorkerOptions,
  places: Places,
  log: (line: string) => void,
): Promise<OpenHost> {
  const { backend } = record.spec;
  if (backend.kind === 'tensorflow')
    requireBackend({ backend: 'tensorflow', flavour: backend.flavour }, places);
  await requireWorkerData(record, places, signal, log);
  const checkpoints = temporaryFolder('worker');
  const close = (): void => rmSync(checkpoints, { recursive: true, force: true });
  const here: WorkerPlaces = {
    ...{ tensorflow: places.tensorflow, data: places.data, latency: places.latency },
    ...{ checkpoints, trusted: platforms, workers: workers ?? null },
  };
  try {
    const pool = await startPool(placedSpec(record.spec, here), {
      ...{ signal, log, environment: process.env },
    });
    return {
      ...{ pool, checkpoints },
      async [Symbol.asyncDispose]() {
        await pool[Symbol.asyncDispose]();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}
