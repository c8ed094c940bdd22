import { formatPercent } from '../../../core/index.js';
import type { TrialRow } from '../../../trials/index.js';

/** Milliseconds as a number, with as many decimals as a latency has meaning. */
export function millis(value: number): string {
  return value.toFixed(value < 10 ? 3 : 2);
}

/** A latency in ms; `~` marks one that was not measured. */
export function latencyCell({
  latencyMs,
  latencySource,
}: Pick<TrialRow, 'latencyMs' | 'latencySource'>): string | null {
  return latencyMs === null ? null : `${latencySource === 'measured' ? '' : '~'}${millis(latencyMs)}`;
}

/** An accuracy, which is one of the test set for a retrained network. */
export function accuracyCell({ accuracy, kind }: Pick<TrialRow, 'accuracy' | 'kind'>): string | null {
  return accuracy === null ? null : `${formatPercent(accuracy)}${kind === 'retrain' ? ' (test)' : ''}`;
}
