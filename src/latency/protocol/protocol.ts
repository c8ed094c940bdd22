import { assertNever } from '../../core/index.js';
import type { TimingEffort } from '../../trials/index.js';

/**
 * How networks are timed in one session. Warm-up until the medians settle, then rounds of one short burst each, the
 * reference network among them, until every latency is known well enough, or a cap on runs or seconds is met.
 */
export interface Protocol {
  /** Warm-up ends when the medians of two bursts in a row differ by at most this share. */
  readonly settle: number;
  /** Warm-up ends after this number of runs per network in any case. */
  readonly warmupRuns: number;
  /** Timed runs of one network in a row; with several networks the first run of a burst is then dropped. */
  readonly burst: number;
  /** Timed runs per network before the interval is checked; after five rounds at the earliest. */
  readonly minRuns: number;
  /** Timed runs per network at most. */
  readonly maxRuns: number;
  /** Wall-clock seconds per network at most, warm-up included; at least one burst each is always run. */
  readonly maxSeconds: number;
  /** Enough when the 95 % bootstrap interval of the latency is at most this share of it wide. */
  readonly precision: number;
  /** Samples kept in the record at most; thinned evenly in order of time. */
  readonly keep: number;
  /** Whether the reference network is timed with the others and latencies are put on its scale. */
  readonly reference: boolean;
  /** A session is disturbed when its reference took longer than in the quietest one so far by more than this share. */
  readonly quiet: number;
  /** A disturbed session is taken again at most this number of times; the quietest counts. */
  readonly repeats: number;
  /** Only a session of at most this number of networks is taken again: longer ones meet quiet moments by themselves. */
  readonly repeatsUpTo: number;
  /** Seeds the order of the networks and the bootstrap. */
  readonly seed: string;
}

/** The protocol for as much as is to be spent on a session; see {@link TimingEffort}. */
export function withEffort(protocol: Protocol, effort: TimingEffort): Protocol {
  switch (effort) {
    case 'full':
      return protocol;
    case 'short':
      return atMost(protocol, { warmupRuns: 20, minRuns: 50, maxRuns: 200, maxSeconds: 1, precision: 0.05 });
    case 'burst': {
      const cut = atMost(protocol, { warmupRuns: 10, minRuns: 20, maxRuns: 40, maxSeconds: 0.5 });
      return { ...cut, reference: false };
    }
    default:
      return assertNever(effort);
  }
}

type Bounds = Pick<Protocol, 'warmupRuns' | 'minRuns' | 'maxRuns' | 'maxSeconds'> &
  Partial<Pick<Protocol, 'precision'>>;

/** Never more than the protocol itself allows, and never again. */
function atMost(protocol: Protocol, bounds: Bounds): Protocol {
  const { warmupRuns, minRuns, maxRuns, maxSeconds, precision = 0 } = bounds;
  return {
    ...protocol,
    warmupRuns: Math.min(warmupRuns, protocol.warmupRuns),
    minRuns: Math.min(minRuns, protocol.minRuns),
    maxRuns: Math.min(maxRuns, protocol.maxRuns),
    maxSeconds: Math.min(maxSeconds, protocol.maxSeconds),
    precision: Math.max(precision, protocol.precision),
    repeats: 0,
  };
}

/** 100 to 600 runs, 3 s per network, an interval 2 % wide: fits networks of 0.1 to 30 ms. */
export const defaultProtocol: Protocol = Object.freeze({
  settle: 0.05,
  warmupRuns: 60,
  burst: 10,
  minRuns: 100,
  maxRuns: 600,
  maxSeconds: 3,
  precision: 0.02,
  keep: 600,
  reference: true,
  quiet: 0.05,
  repeats: 2,
  repeatsUpTo: 4,
  seed: 'latency',
});
