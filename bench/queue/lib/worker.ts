import { setTimeout as sleep } from 'node:timers/promises';
import { fingerprintDigest } from '../../../src/latency/index.js';
import type { Pool } from '../../../src/pool/index.js';
import { artifactStore, connectQueue, parseQueueUrl, serveQueue } from '../../../src/queue/index.js';
import { DEVICE } from '../../../test/latency/table/world.js';
import { outcomeOf } from '../../trials/lib/made-up.mjs';

/** Of controller and workers of the bench. */
export const VERSION = 'bench';

export interface Simulated {
  readonly url: string;
  /** Workers of this process, each with connections and a BullMQ worker of its own. */
  readonly workers: number;
  /** Concurrent trials of each. */
  readonly slots: number;
  /** What a trial takes. */
  readonly trialMs: number;
}

/** Workers that train nothing: each answers with a made-up outcome after a while, until the process is ended. */
export async function simulate({ url, workers, slots, trialMs }: Simulated): Promise<void> {
  const { signal } = new AbortController();
  const fingerprint = fingerprintDigest(DEVICE);
  const pool: Pool = {
    ...{ fingerprint: DEVICE, slots, failure: null, hostPid: undefined },
    async evaluate({ trial }) {
      if (trialMs > 0) await sleep(trialMs);
      const outcome = outcomeOf(trial);
      return { ...outcome, latency: { ...outcome.latency, fingerprint } };
    },
    measure: () => Promise.reject(new Error('nothing is timed here')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const serve = async (at: number): Promise<void> => {
    await using connection = await connectQueue(parseQueueUrl(url), () => undefined);
    await serveQueue({
      ...{ connection, name: `simulated-${process.pid}-${at}`, version: VERSION, study: null },
      ...{ lockSeconds: 60, signal, log: () => undefined, facts: () => ({ freeBytes: 1 }) },
      artifacts: (address) => artifactStore(address),
      open: () => Promise.resolve({ pool, checkpoints: '-', [Symbol.asyncDispose]: () => Promise.resolve() }),
    });
  };
  await Promise.all(Array.from({ length: workers }, (_, at) => serve(at)));
}
