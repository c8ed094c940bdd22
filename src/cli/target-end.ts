import { formatMs } from '../core/index.js';
import { targetText } from '../report/index.js';
import { againstTarget, frontier, type LatencyRecord, type TrialReader } from '../trials/index.js';
import { EXIT } from './output.js';

/** What a command states of a network and its target at its end, and the exit code that goes with it. */
export interface TargetEnd {
  readonly text: string;
  readonly code: number;
}

/** @param name what the text begins with, such as `trial 7` */
export function targetEnd(name: string, latency: LatencyRecord, targetMs: number): TargetEnd {
  const missed = againstTarget(latency, targetMs).verdict === 'misses';
  const text = `${name}, ${formatMs(latency.medianMs)}, ${targetText(latency, targetMs)}`;
  return { text: missed ? `over the target: ${text}` : text, code: missed ? EXIT.overTarget : EXIT.ok };
}

/** Of the most accurate trial that meets the target; where none does, of the fastest. */
export function bestEnd(reader: TrialReader, targetMs: number): TargetEnd {
  const row = reader.best(targetMs) ?? frontier(reader.rows({ states: ['done'] }))[0];
  const latency = row === undefined ? undefined : reader.trial(row.trial)?.outcome?.latency;
  if (row === undefined || latency == null)
    return { text: 'no trial was trained to the end', code: EXIT.failed };
  const best = latency.medianMs <= targetMs ? 'the best' : 'the fastest';
  return targetEnd(`${best}, trial ${row.trial}`, latency, targetMs);
}
