import { formatMs, formatPercent } from '../../core/index.js';
import type { TrialRow } from '../../trials/index.js';
import { field } from './details-field.js';
import type { Style } from './style.js';
import type { FinalResult } from '../view/result.js';

/** Names of the two accuracies of a study, in the order in which they are shown. */
export const RESULT = 'result';
export const PROXY_BEST = 'proxy best';

/** `trial 28: 92.13 % on the test set at 1.89 ms (1.870–1.910 ms), meets the target`. */
export function resultText({ row, meets }: FinalResult): string {
  return `${accuracyAt(row, 'on the test set')}, ${meets ? 'meets' : 'misses'} the target`;
}

/** `trial 26: 90.65 % on held-out pictures at 1.96 ms (1.940–1.980 ms)`. */
export function proxyText(row: TrialRow): string {
  return accuracyAt(row, 'on held-out pictures');
}

function accuracyAt(
  { trial, accuracy, latencyMs, latencyLowMs, latencyHighMs }: TrialRow,
  on: string,
): string {
  const latency =
    latencyMs === null
      ? 'unknown latency'
      : `${formatMs(latencyMs)}${latencyLowMs === null || latencyHighMs === null ? '' : ` (${latencyLowMs.toPrecision(4)}–${latencyHighMs.toPrecision(4)} ms)`}`;
  return `trial ${trial}: ${formatPercent(accuracy ?? 0)} ${on} at ${latency}`;
}

/** The final result, then the best of the search, as every summary in the terminal begins; none where neither is. */
export function resultLines(result: FinalResult | null, best: TrialRow | undefined, style: Style): string[] {
  return [
    ...(result === null ? [] : field(RESULT, resultText(result), style)),
    ...(best === undefined ? [] : field(PROXY_BEST, proxyText(best), style)),
  ];
}
