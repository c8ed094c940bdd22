import { formatMs, formatPercent } from '../../core/index.js';
import type { TrialRow } from '../../trials/index.js';
import { resultLines } from './result.js';
import { line, type Style } from './style.js';
import { wrap } from './text.js';
import {
  indistinguishablePairs,
  indistinguishableText,
  type Indistinguishable,
} from '../view/indistinguishable.js';
import type { FinalResult } from '../view/result.js';
import type { HypervolumeView } from '../view/view.js';

export interface FrontierSummary {
  readonly result: FinalResult | null;
  /** The most accurate of the search within the targets. */
  readonly best: TrialRow | undefined;
  /** By latency. */
  readonly frontier: readonly TrialRow[];
  readonly hypervolume: HypervolumeView | null;
  readonly indistinguishable: Indistinguishable;
}

/**
 * What stands below the picture of a frontier: the final result, the best of the search, the hypervolume, and which
 * latencies are indistinguishable.
 */
export function frontierSummary(summary: FrontierSummary, style: Style): string {
  const lines = resultLines(summary.result, summary.best, style);
  return [...lines, ...frontierLines(summary, style)].join('\n');
}

function frontierLines(
  { frontier, hypervolume, indistinguishable }: FrontierSummary,
  style: Style,
): string[] {
  if (hypervolume === null) return [];
  const { share, referenceMs, referenceAccuracy } = hypervolume;
  const text =
    `hypervolume ${share.toFixed(4)}, of the box from ${formatMs(referenceMs)} and ` +
    `${formatPercent(referenceAccuracy)} to 100 % at 0 ms`;
  const pairs = indistinguishablePairs(indistinguishable);
  const latencies =
    frontier.length < 2
      ? []
      : pairs.length === 0
        ? ['all trials on the frontier differ in latency']
        : [`indistinguishable in latency: ${indistinguishableText(pairs)} (their 95 % intervals touch)`];
  return [text, ...latencies].flatMap((part) => wrap(part, style.width)).map((part) => line([part], style));
}
