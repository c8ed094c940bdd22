import { compareIntervals, NasError, type Interval, type IntervalOrder } from '../../core/index.js';
import type { LatencyRecord } from '../../trials/index.js';

/** What is needed of a latency to hold it against another. */
export type Comparable = Pick<LatencyRecord, 'lowMs' | 'highMs' | 'fingerprint' | 'platform' | 'batch'>;

export type Comparison = 'faster' | 'slower' | 'indistinguishable';

/**
 * Whether `a` is faster than `b`: stated only where their 95 % intervals do not touch.
 * @throws NasError `NAS_OTHER_DEVICE` when they were not taken on the same device in the same way
 */
export function compareLatencies(a: Comparable, b: Comparable): Comparison {
  if (a.fingerprint !== b.fingerprint)
    throw new NasError({
      code: 'NAS_OTHER_DEVICE',
      found: `latencies of ${inWords(a)} and of ${inWords(b)}`,
      expected:
        'the same device, runtime, threads and batch: numbers of others do not convert into each other',
      fix: 'time both on one of them',
    });
  return COMPARISONS[compareIntervals(intervalOf(a), intervalOf(b))];
}

const COMPARISONS: Readonly<Record<IntervalOrder, Comparison>> = {
  below: 'faster',
  above: 'slower',
  touching: 'indistinguishable',
};

function intervalOf({ lowMs, highMs }: Comparable): Interval {
  return { low: lowMs, high: highMs };
}

function inWords({ platform, batch, fingerprint }: Comparable): string {
  return `${platform} at batch ${batch} (device ${fingerprint.slice(0, 8)})`;
}
