import { formatMs, formatPercent } from '../core/index.js';
import type { TrialRow } from '../trials/index.js';
import { line, type Style } from './style.js';
import { wrap } from './text.js';
import type { HypervolumeView } from './view/view.js';

export interface FrontierSummary {
  /** By latency. */
  readonly frontier: readonly TrialRow[];
  readonly hypervolume: HypervolumeView | null;
  /** Of each trial of the frontier: those beside it whose latency interval overlaps its own. */
  readonly alike: ReadonlyMap<number, readonly number[]>;
}

/** What stands below the picture of a frontier: its hypervolume, and which of its latencies are indistinguishable. */
export function frontierSummary({ frontier, hypervolume, alike }: FrontierSummary, style: Style): string {
  if (hypervolume === null) return '';
  const { share, referenceMs, referenceAccuracy } = hypervolume;
  const text =
    `hypervolume ${share.toFixed(4)}, of the box from ${formatMs(referenceMs)} and ` +
    `${formatPercent(referenceAccuracy)} to 100 % at 0 ms`;
  const pairs = frontier.flatMap(({ trial }, index) => {
    const next = frontier[index + 1];
    return next !== undefined && alike.get(trial)?.includes(next.trial) === true
      ? [`${trial} ≈ ${next.trial}`]
      : [];
  });
  const told =
    frontier.length < 2
      ? []
      : pairs.length === 0
        ? ['all neighbours on the frontier differ in latency']
        : [`indistinguishable in latency: ${pairs.join(', ')} (their 95 % intervals overlap)`];
  return [text, ...told]
    .flatMap((part) => wrap(part, style.width))
    .map((part) => line([part], style))
    .join('\n');
}
