import { formatPercent } from '../../core/index.js';
import type { TrialKind, TrialState } from '../../trials/index.js';
import type { EvaluatedAccuracy } from '../view/accuracy.js';
import { timedText, verdictLines, type LatencyVerdict } from './trial-comparison.js';
import { line, type Style, type Tone } from './style.js';
import { neutral } from './text.js';

/** What came of training and timing a trial again. */
export interface Replayed {
  readonly study: string;
  readonly trial: number;
  readonly kind: TrialKind;
  /** How the trial ended then, and how it ended now. */
  readonly state: { readonly stored: TrialState; readonly replayed: TrialState; readonly agrees: boolean };
  /** Null where the trial was not trained to the end, then or now. */
  readonly accuracy: ReplayedAccuracy | null;
  /** `a` is the stored latency, `b` the one of now. */
  readonly latencies: readonly ReplayedLatency[];
  /** What makes the two trainings or machines differ, in words. */
  readonly remarks: readonly string[];
  /** Whether all that could be compared agrees. */
  readonly agrees: boolean;
  readonly seconds: number;
}

export interface ReplayedAccuracy {
  readonly stored: EvaluatedAccuracy;
  readonly replayed: EvaluatedAccuracy;
  /** `equal`: the backend gives the same weights each time. `spread`: within what errors and repetitions explain. */
  readonly rule: 'equal' | 'spread';
  /** The most that the two may differ by; null where no error is known, so that there is no verdict. */
  readonly allowed: number | null;
  /** Standard deviation of repeated trainings of one architecture in this study; null where there are none. */
  readonly repeated: number | null;
  readonly agrees: boolean | null;
}

export interface ReplayedLatency extends LatencyVerdict {
  /** Null where the two are not compared. */
  readonly agrees: boolean | null;
  /** Median absolute deviation of the stored runs, ms; null where nothing is stored. */
  readonly madMs: number | null;
}

/** `nas replay`: whether accuracy and latency agree with the stored ones, by which rule. */
export function replayReport(replayed: Replayed, style: Style): string {
  const { study, trial, kind, state, accuracy, latencies, remarks, agrees } = replayed;
  const [word, tone]: readonly [string, Tone] = agrees ? ['agrees', 'good'] : ['does not agree', 'bad'];
  const ends = state.agrees
    ? [`${state.replayed}, as before`]
    : [`${state.replayed}, where it was ${state.stored} before`];
  return [
    line([[`trial ${trial}`, 'title'], ` of ${neutral(study)} (${kind}) again: `, [word, tone]], style),
    ...ends.flatMap((text) => said('state', text, state.agrees, style)),
    ...(accuracy === null ? [] : said('accuracy', accuracyLine(accuracy), accuracy.agrees, style)),
    ...latencies.flatMap((one) =>
      said(latencies.length === 1 ? 'latency' : one.platform, latencyLine(one), one.agrees, style),
    ),
    ...remarks.flatMap((text) => verdictLines('', text, null, style)),
  ].join('\n');
}

function said(label: string, text: string, agrees: boolean | null, style: Style): string[] {
  const word = agrees === null ? 'not compared' : agrees ? 'agrees' : 'does not agree';
  return verdictLines(label, `${word}: ${text}`, null, style);
}

function accuracyLine({ stored, replayed, rule, allowed, repeated }: ReplayedAccuracy): string {
  const points = 100 * (replayed.accuracy - stored.accuracy);
  const both = `${formatPercent(stored.accuracy)} stored, ${formatPercent(replayed.accuracy)} now`;
  if (rule === 'equal') return `${both}; this backend gives the same each time`;
  const by = `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)} points`;
  if (allowed === null) return `${both}, ${by}; the number of pictures is not known, so neither is the error`;
  const from =
    repeated === null
      ? 'binomial errors; no training was repeated in this study'
      : `binomial errors and repeated trainings, which differ by ${(100 * repeated).toFixed(2)}`;
  return `${both}, ${by}, up to ${(100 * allowed).toFixed(2)} by 95 % (${from})`;
}

function latencyLine(one: ReplayedLatency): string {
  const { verdict, madMs, agrees, why, a, b } = one;
  const both = `${timedText(a)} stored, ${timedText(b)} now`;
  if (verdict === 'incomparable' || a === null || b === null) return `${both}; ${why ?? 'one is missing'}`;
  const change = 100 * (b.medianMs / a.medianMs - 1);
  const text = `${both}, ${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)} %`;
  if (verdict === 'indistinguishable') return `${text}; the intervals touch`;
  const mad = madMs === null ? '' : ` of ${madMs.toPrecision(2)} ms`;
  return agrees === true
    ? `${text}; the intervals do not touch, but the change is within the spread of single runs${mad}`
    : `${text}; more than the intervals and the spread of single runs${mad} explain`;
}
