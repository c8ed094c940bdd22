import type { Network, Weights } from '../../network/index.js';
import type { LatencyRecord } from '../../trials/index.js';
import type { Fingerprint } from './fingerprint.js';
import type { Protocol } from '../protocol/protocol.js';

/** A network with numbers in it; the latency does not depend on which. */
export interface Runnable {
  readonly network: Network;
  readonly weights: Weights;
}

/** What surrounds a measurement. */
export interface Surroundings {
  /** Asked between bursts; true ends the measurement. */
  stop(): boolean;
  /** Runs what comes before the timing and would disturb another's: compiling, loading. */
  prepare<T>(work: () => T | Promise<T>): Promise<T>;
  /** Runs the timing itself while nothing else runs; null when it was stopped before its turn. Preparation stays outside. */
  quiet<T>(timing: () => Promise<T>): Promise<T | null>;
}

/** Nothing else runs anyway and nothing is stopped. */
export const undisturbed: Surroundings = Object.freeze({
  stop: () => false,
  prepare: async <T>(work: () => T | Promise<T>) => work(),
  quiet: <T>(timing: () => Promise<T>) => timing(),
});

/** Measures how long networks take on one device, the way they will run there. */
export interface Platform extends AsyncDisposable {
  /** As `formatPlatform` writes it, or what stands in for it (`reference`, `fake`). */
  readonly name: string;
  /** What its records' digest is of. */
  readonly fingerprint: Fingerprint;
  /** Of the platforms in its records' `also`; absent for none. */
  readonly further?: readonly Fingerprint[];
  /**
   * Times all of them interleaved in one session, or looks them up.
   * @returns results in the order of `networks`, or null when it was stopped
   * @throws NasError when the device cannot be reached or cannot run one of them
   */
  time(
    networks: readonly Runnable[],
    protocol: Protocol,
    surroundings: Surroundings,
  ): Promise<readonly LatencyRecord[] | null>;
}
