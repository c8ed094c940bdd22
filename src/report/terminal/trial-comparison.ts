import { formatCount, formatMs, formatPercent } from '../../core/index.js';
import type { LatencySource, TrialRow } from '../../trials/index.js';
import { halfOfDifference, type AccuracyVerdict, type EvaluatedAccuracy } from '../view/accuracy.js';
import type { BlockPair } from '../view/block-diff.js';
import { blockPairTable } from './tables/block-diff.js';
import { line, paint, type Style, type Tone } from './style.js';
import { fit, neutral, wrap } from './text.js';

/** How two latencies compare; `incomparable` with the reason where they do not. */
export interface LatencyVerdict {
  readonly platform: string;
  readonly verdict: 'faster' | 'slower' | 'indistinguishable' | 'incomparable';
  readonly a: ComparedLatency | null;
  readonly b: ComparedLatency | null;
  /** Why they are not compared; null where they are. */
  readonly why: string | null;
}

/** In ms, with the 95 % interval. */
export interface ComparedLatency {
  readonly source: LatencySource;
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly fingerprint: string;
}

export interface ComparedAccuracy {
  readonly verdict: AccuracyVerdict | 'incomparable';
  readonly a: EvaluatedAccuracy | null;
  readonly b: EvaluatedAccuracy | null;
  readonly why: string | null;
}

/** Two trials side by side. Every verdict is of `a`: `faster` means that `a` is faster than `b`. */
export interface TrialComparison {
  readonly a: TrialRow;
  readonly b: TrialRow;
  readonly accuracy: ComparedAccuracy;
  /** One entry per platform that either was timed on, the first platform's first. */
  readonly latencies: readonly LatencyVerdict[];
  readonly blocks: readonly BlockPair[];
  /** What else keeps the two apart, in words: another seed, another plan. */
  readonly remarks: readonly string[];
}

const LABEL = 14;

/** `nas compare A B` of two trials: verdicts first, then the blocks that differ. */
export function trialComparison(comparison: TrialComparison, style: Style): string {
  const { a, b, accuracy, latencies, blocks, remarks } = comparison;
  const [nameA, nameB] = namesOf(a, b);
  const lines = [
    line([[`A  ${nameA}`, 'title'], `   ${about(a)}`], style),
    line([[`B  ${nameB}`, 'title'], `   ${about(b)}`], style),
    '',
    ...verdictLines('accuracy', accuracyText(accuracy), accuracy.verdict, style),
    ...latencies.flatMap((one) =>
      verdictLines(latencies.length === 1 ? 'latency' : one.platform, latencyText(one), one.verdict, style),
    ),
    ...verdictLines('parameters', countText(a.params, b.params), null, style),
    ...verdictLines('multiply-adds', countText(a.madds, b.madds), null, style),
    ...remarks.flatMap((text) => verdictLines('', text, null, style)),
  ];
  return [...lines, '', ...blockPairTable(blocks, style)].join('\n');
}

function namesOf(a: TrialRow, b: TrialRow): readonly [string, string] {
  if (a.study === b.study) return [`trial ${a.trial}`, `trial ${b.trial}`];
  return [`${neutral(a.study)}:${a.trial}`, `${neutral(b.study)}:${b.trial}`];
}

function about({ kind, state, study }: TrialRow): string {
  return `${kind}, ${state}, study ${neutral(study)}`;
}

const TONES: Readonly<Record<string, Tone>> = {
  faster: 'good',
  higher: 'good',
  slower: 'warm',
  lower: 'warm',
  incomparable: 'bad',
};

/** A label, the verdict in its tone, and what it rests on, wrapped below itself. */
export function verdictLines(
  label: string,
  text: string,
  verdict: LatencyVerdict['verdict'] | ComparedAccuracy['verdict'] | null,
  style: Style,
): string[] {
  const said = verdict === null ? '' : VERDICTS[verdict];
  const whole = neutral(said === '' ? text : `${said}: ${text}`);
  return wrap(whole, Math.max(8, style.width - LABEL)).map((part, index) => {
    const head = paint(fit(index === 0 ? neutral(label) : '', LABEL), 'quiet', style.colour);
    const tone = verdict === null ? undefined : TONES[verdict];
    const marked = index === 0 && said !== '' && part.startsWith(said);
    return marked
      ? `${head}${paint(said, tone, style.colour)}${part.slice(said.length)}`
      : `${head}${part}`.trimEnd();
  });
}

const VERDICTS = {
  faster: 'A is faster',
  slower: 'A is slower',
  higher: 'A is more accurate',
  lower: 'A is less accurate',
  indistinguishable: 'indistinguishable',
  incomparable: 'not compared',
  unknown: 'indistinguishable',
} as const;

/** What an accuracy verdict rests on. */
export function accuracyText({ a, b, why }: ComparedAccuracy): string {
  const both = `${evaluatedText(a)} and ${evaluatedText(b)}`;
  if (why !== null || a === null || b === null) return `${both}; ${why ?? 'one of them has none'}`;
  const difference = `${signed(100 * (a.accuracy - b.accuracy), 2)} points`;
  const half = halfOfDifference(a, b);
  if (half === null)
    return `${both}, ${difference}; the number of pictures is not known, so neither is the error`;
  return `${both}, ${difference}, 95 % ± ${(100 * half).toFixed(2)}`;
}

function evaluatedText(evaluated: EvaluatedAccuracy | null): string {
  if (evaluated === null) return 'none';
  const error = evaluated.error === null ? '' : ` ± ${(100 * evaluated.error).toFixed(2)}`;
  return `${formatPercent(evaluated.accuracy)}${error}`;
}

/** What a latency verdict rests on. */
export function latencyText({ a, b, why }: LatencyVerdict): string {
  const both = `${timedText(a)} and ${timedText(b)}`;
  if (why !== null || a === null || b === null) return `${both}; ${why ?? 'one of them has none'}`;
  return `${both}, ${signed(100 * (a.medianMs / b.medianMs - 1), 1)} %`;
}

/** `1.96 ms (1.940–1.980)`, with its source where it was not measured. */
export function timedText(latency: ComparedLatency | null): string {
  if (latency === null) return 'none';
  const { source, medianMs, lowMs, highMs } = latency;
  const how = source === 'measured' ? '' : `, ${source}`;
  return `${formatMs(medianMs)} (${interval(lowMs, highMs)}${how})`;
}

/** `1.940–1.980`. */
export function interval(low: number, high: number): string {
  const decimals = high < 10 ? 3 : 2;
  return `${low.toFixed(decimals)}–${high.toFixed(decimals)}`;
}

function countText(a: number, b: number): string {
  const change = b === 0 ? '' : `, ${signed(100 * (a / b - 1), 1)} %`;
  return `${formatCount(a)} and ${formatCount(b)}${change}`;
}

function signed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return Number(text) === 0 ? `±${text}` : `${value < 0 ? '−' : '+'}${text}`;
}
