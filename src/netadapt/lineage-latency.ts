import { ms } from '../core/index.js';
import type { LatencyRecord } from '../trials/index.js';
import { mediansOf } from './binding-constraint.js';
import { savedMs } from './candidates.js';
import type { Candidate } from './state-schema.js';

/**
 * A machine that runs slower this minute than it did when the seed was timed slows the network before and the one after
 * a step equally, for they are timed in turns. So a step's latency is its parent's times the measured ratio: latencies
 * of one lineage compare, despite any drift between their sessions.
 */
function onScale<R extends Omit<LatencyRecord, 'also'>>(record: R, factor: number): R {
  return {
    ...record,
    medianMs: ms(record.medianMs * factor),
    madMs: record.madMs * factor,
    p90Ms: ms(record.p90Ms * factor),
    lowMs: record.lowMs * factor,
    highMs: record.highMs * factor,
    seedFactor: (record.seedFactor ?? 1) * factor,
  };
}

/** The step's latency on every platform, each the parent's there times the ratio that one session measured. */
export function lineageLatency(
  parent: LatencyRecord,
  { record, presentMs, before, ...rest }: Candidate,
): LatencyRecord {
  const share = 1 - savedMs({ before, ...rest }) / before.medianMs;
  const parents = mediansOf(parent);
  const alone = parents.length === 1;
  const factor = (platform: number, medianMs: number): number => {
    const present = presentMs[platform] ?? medianMs;
    return ((parents[platform] ?? present) * (alone ? share : medianMs / present)) / medianMs;
  };
  const scaled = onScale(record, factor(0, record.medianMs));
  if (record.also === undefined) return scaled;
  return { ...scaled, also: record.also.map((one, i) => onScale(one, factor(i + 1, one.medianMs))) };
}
