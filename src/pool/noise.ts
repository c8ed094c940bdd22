import type { LatencyRecord, Outcome } from '../trials/index.js';

/**
 * What to tell of a measurement that a cap ended before it was as precise as asked; null where all is well.
 * @param precision asked width of the 95 % interval, as a share of the latency
 */
export function noiseIn(records: readonly LatencyRecord[], precision: number): string | null {
  const widths = records
    .flatMap(({ also = [], ...first }): readonly Omit<LatencyRecord, 'also'>[] => [first, ...also])
    .filter(({ settled }) => settled === false)
    .map(({ lowMs, highMs, medianMs }) => (highMs - lowMs) / medianMs);
  if (widths.length === 0) return null;
  return (
    `this machine is too noisy to time to ${percent(precision)}: an interval is ${percent(Math.max(...widths))} wide; ` +
    'close other programs, or compare by the intervals'
  );
}

/** The latency that an outcome brings, as a list. */
export function latenciesOf(outcome: Outcome): readonly LatencyRecord[] {
  return outcome.latency === null ? [] : [outcome.latency];
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
