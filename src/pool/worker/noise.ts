import { formatMs } from '../../core/index.js';
import type { LatencyRecord, Outcome } from '../../trials/index.js';

type OneLatency = Omit<LatencyRecord, 'also'>;

/**
 * What to report of a measurement that was not as precise as asked: because a cap ended it before, or because the device's
 * clock moves in larger steps; null where all is well.
 * @param precision asked width of the 95 % interval, as a share of the latency
 */
export function noiseIn(records: readonly LatencyRecord[], precision: number): string | null {
  const unsettled = records
    .flatMap(({ also = [], ...first }): readonly OneLatency[] => [first, ...also])
    .filter(({ settled }) => settled === false);
  const [worst] = [...unsettled].sort((a, b) => widthOf(b) - widthOf(a));
  if (worst === undefined) return null;
  const { platform, clockStepMs = 0, medianMs } = worst;
  const width = percent(widthOf(worst));
  if (clockStepMs > precision * medianMs)
    return (
      `the clock of ${platform} moves in steps of ${formatMs(clockStepMs)} a run, too coarse to time to ` +
      `${percent(precision)}: an interval is ${width} wide; let it print more decimals, or time larger networks`
    );
  return (
    `this machine is too noisy to time to ${percent(precision)}: an interval is ${width} wide; ` +
    'close other programs, or compare by the intervals'
  );
}

function widthOf({ lowMs, highMs, medianMs }: OneLatency): number {
  return (highMs - lowMs) / medianMs;
}

/** Hears of measurements and warns of the first that was not as precise as asked; see {@link noiseIn}. */
export function noiseWatch(
  precision: number,
  warn: (text: string) => void = () => undefined,
): (records: readonly LatencyRecord[]) => void {
  let warned = false;
  return (records) => {
    const noise = warned ? null : noiseIn(records, precision);
    if (noise === null) return;
    warned = true;
    warn(noise);
  };
}

/** The latency that an outcome brings, as a list. */
export function latenciesOf(outcome: Outcome): readonly LatencyRecord[] {
  return outcome.latency === null ? [] : [outcome.latency];
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
