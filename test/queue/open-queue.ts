import { setTimeout as sleep } from 'node:timers/promises';
import { checkHostSpec, startPool, type HostSpec } from '../../src/pool/index.js';
import {
  artifactStore,
  connectQueue,
  openQueuePool,
  parseQueueUrl,
  placedSpec,
  serveQueue,
} from '../../src/queue/index.js';
import type { OpenPool } from '../contract/pool.js';
import { fakeSpec, temporaryFolder } from '../pool/helpers.js';
import { startRedis } from './redis.js';

export interface ServeTestOptions {
  readonly url: string;
  readonly name?: string;
  readonly version?: string;
  readonly signal: AbortSignal;
  readonly log?: (line: string) => void;
  readonly lockSeconds?: number;
  readonly change?: (spec: HostSpec) => HostSpec;
}

export const VERSION = '9.9.9';

/** A worker in this process, with a real host, until the signal is aborted. */
export async function serveTest(options: ServeTestOptions): Promise<void> {
  const {
    url,
    name = 'worker',
    version = VERSION,
    signal,
    log = () => undefined,
    lockSeconds = 60,
  } = options;
  await using connection = await connectQueue(parseQueueUrl(url), log);
  await serveQueue({
    ...{ connection, name, version, study: null, lockSeconds, signal, log },
    facts: () => ({ freeBytes: 1 }),
    artifacts: (address) => artifactStore(address),
    async open({ spec }) {
      const folder = temporaryFolder();
      const places = { tensorflow: '-', data: '-', latency: folder.path, checkpoints: folder.path };
      const placed = placedSpec(spec, { ...places, trusted: [], workers: null });
      const pool = await startPool(options.change?.(placed) ?? placed, {
        ...{ signal, log, environment: process.env, restartSeconds: [0] },
      });
      return {
        ...{ pool, checkpoints: folder.path },
        async [Symbol.asyncDispose]() {
          await pool[Symbol.asyncDispose]();
          folder[Symbol.dispose]();
        },
      };
    },
  });
}

/** A pool over a queue on a server of its own, with one worker; all of it goes with the test. */
export const openQueue: OpenPool = async (fake = {}, changes = {}) => {
  const redis = await startRedis();
  const [folder, store] = [temporaryFolder(), temporaryFolder()];
  const stop = new AbortController();
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const serving = serveTest({ url: redis.url, signal: stop.signal, log });
  const connection = await connectQueue(parseQueueUrl(redis.url), log);
  const close = async (): Promise<void> => {
    await connection[Symbol.asyncDispose]();
    stop.abort();
    await serving;
    await redis[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
    store[Symbol.dispose]();
  };
  try {
    const pool = await openQueuePool({
      ...{ connection, log, version: VERSION, dataDigest: null, devices: null },
      study: { id: 'test', name: 'test' },
      spec: checkHostSpec(fakeSpec(folder.path, fake, changes)),
      artifacts: await artifactStore(store.path),
      signal: new AbortController().signal,
      notice: log,
    });
    // Known once the worker's next beat says so.
    while (pool.slots < (changes.workers ?? 2)) await sleep(50);
    return {
      ...{ pool, lines, checkpoints: folder.path },
      async [Symbol.asyncDispose]() {
        await pool[Symbol.asyncDispose]();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};
