import { isNasError } from '../core/index.js';
import { compareLatencies } from '../latency/index.js';
import type { ComparedLatency, LatencyVerdict } from '../report/index.js';
import type { LatencyRecord, TrialRow } from '../trials/index.js';

type Record = Omit<LatencyRecord, 'also'>;

/**
 * How the latencies of two trials stand to each other, on every platform that either was timed on, the first of `a`
 * first. Numbers of different devices are never compared: that verdict is `incomparable` and says why.
 */
export function latencyVerdicts(a: LatencyRecord | null, b: LatencyRecord | null): readonly LatencyVerdict[] {
  const [ours, theirs] = [platformsOf(a), platformsOf(b)];
  const names = [...new Set([...ours.keys(), ...theirs.keys()])];
  return names.map((platform) => {
    const [one, other] = [ours.get(platform), theirs.get(platform)];
    const told = { platform, a: one ? comparedOf(one) : null, b: other ? comparedOf(other) : null };
    if (one === undefined || other === undefined)
      return { ...told, verdict: 'incomparable', why: `only ${one ? 'A' : 'B'} was timed on ${platform}` };
    try {
      return { ...told, verdict: compareLatencies(one, other), why: null };
    } catch (error) {
      if (!isNasError(error)) throw error;
      return { ...told, verdict: 'incomparable', why: error.message };
    }
  });
}

/**
 * For each trial of a frontier, by latency: the trials beside it whose latency cannot be told from its own. On a frontier
 * the slower of such two is the more accurate one, so nothing speaks for the other.
 */
export function alikeOnFrontier(
  front: readonly Pick<TrialRow, 'trial' | 'latencyLowMs' | 'latencyHighMs' | 'fingerprint' | 'platform'>[],
): ReadonlyMap<number, readonly number[]> {
  const alike = new Map<number, number[]>(front.map((row) => [row.trial, []]));
  for (const [index, row] of front.entries()) {
    const next = front[index + 1];
    if (next === undefined) continue;
    const [a, b] = [comparable(row), comparable(next)];
    if (a === undefined || b === undefined || a.fingerprint !== b.fingerprint) continue;
    if (compareLatencies(a, b) !== 'indistinguishable') continue;
    alike.get(row.trial)?.push(next.trial);
    alike.get(next.trial)?.push(row.trial);
  }
  return alike;
}

function comparable(
  row: Pick<TrialRow, 'latencyLowMs' | 'latencyHighMs' | 'fingerprint' | 'platform'>,
): Parameters<typeof compareLatencies>[0] | undefined {
  const { latencyLowMs: lowMs, latencyHighMs: highMs, fingerprint, platform } = row;
  if (lowMs === null || highMs === null || fingerprint === null) return undefined;
  // The fingerprint, which is compared, has the batch in it.
  return { lowMs, highMs, fingerprint, platform: platform ?? '', batch: 1 };
}

function platformsOf(record: LatencyRecord | null): ReadonlyMap<string, Record> {
  if (record === null) return new Map();
  return new Map([record, ...(record.also ?? [])].map((one) => [one.platform, one]));
}

function comparedOf({ source, medianMs, lowMs, highMs, fingerprint }: Record): ComparedLatency {
  return { source, medianMs, lowMs, highMs, fingerprint };
}
