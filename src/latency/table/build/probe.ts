import type { Platform, Runnable, Surroundings } from '../../platform/platform.js';
import { defaultProtocol, type Protocol } from '../../protocol/protocol.js';
import { withReading, SESSIONS, type Reading } from './sessions.js';

export interface MeasureOptions {
  readonly platform: Platform;
  readonly surroundings: Surroundings;
}

/** Small networks, which take little time: many runs of each. */
const PROBE_PROTOCOL: Protocol = Object.freeze({
  ...defaultProtocol,
  warmupRuns: 20,
  minRuns: 40,
  maxRuns: 200,
  maxSeconds: 0.3,
  repeats: 1,
  repeatsUpTo: 1000,
});

/** Times small networks that characterise the device, in {@link SESSIONS} sessions. @returns null when it was stopped */
export async function timeTwice(
  networks: readonly Runnable[],
  seed: string,
  { platform, surroundings }: MeasureOptions,
): Promise<readonly Reading[] | null> {
  let readings: readonly (Reading | undefined)[] = networks.map(() => undefined);
  for (let session = 1; session <= SESSIONS; session++) {
    const records = await platform.time(
      networks,
      { ...PROBE_PROTOCOL, seed: `${seed}/${session}` },
      surroundings,
    );
    if (records === null) return null;
    readings = records.map(({ medianMs, lowMs, highMs, runs }, i) =>
      withReading(readings[i], { ms: medianMs, lowMs, highMs, runs }),
    );
  }
  return readings as readonly Reading[];
}
