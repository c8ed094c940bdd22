import { formatDuration, formatMs } from '../../core/index.js';
import type { TrialRow, TrialState } from '../../trials/index.js';
import {
  accuracyText,
  latencyText,
  verdictLines,
  type ComparedAccuracy,
  type LatencyVerdict,
} from './trial-comparison.js';
import { pointText } from '../view/points.js';
import { PROXY_BEST } from './result.js';
import { line, type Style } from './style.js';
import { table, type Column } from './tables/table.js';
import { neutral } from './text.js';
import type { HypervolumeView } from '../view/view.js';

/** What a study has come to, as one side of a comparison. */
export interface StudySide {
  readonly study: string;
  readonly data: string;
  readonly space: string;
  readonly strategy: string;
  readonly seed: string;
  readonly platform: string;
  readonly targetMs: number;
  readonly counts: Readonly<Partial<Record<TrialState, number>>>;
  readonly trials: number;
  readonly best: TrialRow | null;
  readonly retrained: TrialRow | null;
  readonly frontier: readonly TrialRow[];
  readonly hypervolume: HypervolumeView | null;
  /** Seconds that all trials took together. */
  readonly seconds: number;
}

/** Two studies as wholes. Verdicts compare A's best trial with B's. */
export interface StudyComparison {
  readonly a: StudySide;
  readonly b: StudySide;
  readonly accuracy: ComparedAccuracy;
  readonly latencies: readonly LatencyVerdict[];
  /** Of each frontier, how many trials a trial of the other beats or equals in both; null where they are incomparable. */
  readonly beaten: { readonly a: number; readonly b: number } | null;
  /** Why the frontiers are not compared; null where they are. */
  readonly why: string | null;
  /** Architectures that both have trials of. */
  readonly shared: number;
}

interface Row {
  readonly label: string;
  readonly a: string;
  readonly b: string;
}

/** `nas compare A B` of two studies. */
export function studyComparison(comparison: StudyComparison, style: Style): string {
  const { a, b, accuracy, latencies, beaten, why, shared } = comparison;
  const row = (label: string, of: (side: StudySide) => string): Row => ({ label, a: of(a), b: of(b) });
  const rows: readonly Row[] = [
    row('data', (side) => side.data),
    row('space', (side) => side.space),
    row('strategy', (side) => `${side.strategy}, seed ${side.seed}`),
    row('target', (side) => `${formatMs(side.targetMs)} on ${side.platform}`),
    row('trials', countsText),
    row('test set', (side) => resultText(side.retrained)),
    row(PROXY_BEST, (side) => resultText(side.best)),
    row('frontier', (side) => `${side.frontier.length} trials`),
    row('hypervolume', (side) => hypervolumeText(side.hypervolume)),
    row('trial time', (side) => formatDuration(side.seconds)),
  ];
  const columns: readonly Column<Row>[] = [
    { title: '', value: ({ label }) => label, tone: () => 'quiet' },
    { title: `A  ${neutral(a.study)}`, value: (found) => found.a, shrinksTo: 16 },
    { title: `B  ${neutral(b.study)}`, value: (found) => found.b, shrinksTo: 16 },
  ];
  const bests = a.best !== null && b.best !== null;
  return [
    table(rows, columns, style),
    '',
    ...(bests
      ? [
          line([`best of both, A's trial ${a.best.trial} and B's trial ${b.best.trial}:`], style),
          ...verdictLines('accuracy', accuracyText(accuracy), accuracy.verdict, style),
          ...latencies.flatMap((one) =>
            verdictLines(
              latencies.length === 1 ? 'latency' : one.platform,
              latencyText(one),
              one.verdict,
              style,
            ),
          ),
        ]
      : [line(['no comparison of the best: one study has no trial within its target'], style)]),
    ...verdictLines('frontiers', beatenText(comparison), why === null ? null : 'incomparable', style),
    ...(beaten === null ? [] : hypervolumeLines(a, b, style)),
    ...verdictLines('shared', `${shared} architectures have trials in both`, null, style),
  ].join('\n');
}

/** `0.612, from 4 ms and 10.00 %`. */
export function hypervolumeText(found: HypervolumeView | null): string {
  return found === null ? 'none' : found.share.toFixed(4);
}

function hypervolumeLines(a: StudySide, b: StudySide, style: Style): string[] {
  const reference = a.hypervolume ?? b.hypervolume;
  if (reference === null) return [];
  const text =
    `both measured from ${formatMs(reference.referenceMs)} and ` +
    `${(100 * reference.referenceAccuracy).toFixed(0)} % (twice the larger target, guessing)`;
  return verdictLines('hypervolume', text, null, style);
}

function beatenText({ a, b, beaten, why }: StudyComparison): string {
  if (beaten === null) return why ?? '';
  return (
    `${beaten.a} of A's ${a.frontier.length} are beaten or equalled by one of B's, ` +
    `${beaten.b} of B's ${b.frontier.length} by one of A's`
  );
}

function countsText({ counts, trials }: StudySide): string {
  const order: readonly TrialState[] = ['done', 'running', 'infeasible', 'stopped', 'failed'];
  const parts = order.flatMap((state) => ((counts[state] ?? 0) > 0 ? [`${counts[state]} ${state}`] : []));
  return parts.length === 0 ? 'none' : `${trials}: ${parts.join(', ')}`;
}

function resultText(row: TrialRow | null): string {
  if (row === null) return 'none';
  return `${pointText({ accuracy: row.accuracy ?? 0, latencyMs: row.latencyMs ?? 0 })} (trial ${row.trial})`;
}
