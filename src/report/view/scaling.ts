import { formatPercent, ratio } from '../../core/index.js';
import type { ScalingGain } from './view.js';

/** The gain in a sentence, also where it is none or negative. */
export function scalingText({ scaled, accuracy, scaledAccuracy, isScaled }: ScalingGain): string {
  if (isScaled) return `nothing gained, no network of the search was better than ${scaled}`;
  const points = 100 * (accuracy - scaledAccuracy);
  return (
    `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)} points at the same target after equal training ` +
    `(finalist ${formatPercent(ratio(accuracy))}, ${scaled} ${formatPercent(ratio(scaledAccuracy))}, held-out pictures)`
  );
}
