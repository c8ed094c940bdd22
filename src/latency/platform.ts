import { unknownName } from '../core/index.js';
import type { Network, Weights } from '../network/index.js';
import type { Fingerprint } from './fingerprint.js';
import type { Measured } from './measured.js';
import type { Protocol } from './protocol.js';

/** A network with numbers in it; the latency does not depend on which. */
export interface Runnable {
  readonly network: Network;
  readonly weights: Weights;
}

/** What surrounds a measurement. */
export interface Surroundings {
  /** Asked between bursts; true ends the measurement. */
  stop(): boolean;
  /** Runs the timing itself while nothing else runs; null when it was stopped before its turn. Preparation stays outside. */
  quiet<T>(timing: () => Promise<T>): Promise<T | null>;
}

/** Nothing else runs anyway and nothing is stopped. */
export const undisturbed: Surroundings = Object.freeze({
  stop: () => false,
  quiet: <T>(timing: () => Promise<T>) => timing(),
});

/** Times networks on one device, the way it will run them. */
export interface Platform extends AsyncDisposable {
  readonly name: PlatformName;
  readonly fingerprint: Fingerprint;
  /**
   * Times all of them interleaved in one session.
   * @returns results in the order of `networks`, or null when it was stopped
   */
  time(
    networks: readonly Runnable[],
    protocol: Protocol,
    surroundings: Surroundings,
  ): Promise<readonly Measured[] | null>;
}

/** Every latency platform there is. `tensorflow`: the device that trains, one compiled graph, normalisation folded. */
export const platformNames = Object.freeze(['tensorflow'] as const);
export type PlatformName = (typeof platformNames)[number];

/** @throws NasError `NAS_UNKNOWN_PLATFORM` for a name that is not in {@link platformNames} */
export function parsePlatform(name: string): PlatformName {
  const found = platformNames.find((known) => known === name);
  if (found === undefined) throw unknownName('latency platform', name, platformNames, 'NAS_UNKNOWN_PLATFORM');
  return found;
}
