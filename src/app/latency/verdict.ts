import { isNasError } from '../../core/index.js';
import { compareLatencies } from '../../latency/index.js';
import type { ComparedLatency, LatencyVerdict } from '../../report/index.js';
import type { LatencyRecord } from '../../trials/index.js';

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
    const facts = { platform, a: one ? comparedOf(one) : null, b: other ? comparedOf(other) : null };
    if (one === undefined || other === undefined)
      return { ...facts, verdict: 'incomparable', why: `only ${one ? 'A' : 'B'} was timed on ${platform}` };
    try {
      return { ...facts, verdict: compareLatencies(one, other), why: null };
    } catch (error) {
      if (!isNasError(error)) throw error;
      return { ...facts, verdict: 'incomparable', why: error.message };
    }
  });
}

function platformsOf(record: LatencyRecord | null): ReadonlyMap<string, Record> {
  if (record === null) return new Map();
  return new Map([record, ...(record.also ?? [])].map((one) => [one.platform, one]));
}

function comparedOf({ source, medianMs, lowMs, highMs, fingerprint }: Record): ComparedLatency {
  return { source, medianMs, lowMs, highMs, fingerprint };
}
