import { formatMs } from '../../core/index.js';
import type { LatencyRecord } from '../../trials/index.js';

/** What was read in addition to the runs, and what is missing; nothing where nothing was. */
export function surroundingsOf({
  reference,
  seedFactor,
  hostState,
  settled,
  clockStepMs,
  lacking,
}: Omit<LatencyRecord, 'also'>): string[] {
  const { clockMhz = null, load = null, temperatureC = null } = hostState ?? {};
  const read = [
    clockMhz === null ? [] : [`clock ${clockMhz.map((value) => Math.round(value)).join(' → ')} MHz`],
    load === null ? [] : [`load ${load.toFixed(2)}`],
    temperatureC === null ? [] : [`${Math.round(temperatureC)} °C`],
  ].flat();
  return [
    reference === undefined
      ? []
      : [
          `reference network ${reference.medianMs.toPrecision(4)} ms, drift ${(100 * reference.drift).toFixed(1)} %, ` +
            `so times ${reference.factor.toFixed(3)} to compare with other sessions`,
        ],
    seedFactor === undefined ? [] : [`times ${seedFactor.toFixed(3)} to compare with the lineage's seed`],
    read.length === 0 ? [] : [read.join(', ')],
    reference?.retaken === undefined ? [] : [`the quietest of ${reference.retaken + 1} sessions`],
    clockStepMs === undefined
      ? []
      : [`the device's clock moves in steps of ${formatMs(clockStepMs)} a run: the interval is no narrower`],
    settled === false && clockStepMs === undefined
      ? ['the machine was too noisy for the precision asked for']
      : [],
    (lacking ?? []).length === 0 ? [] : [`without: ${(lacking ?? []).join(', ')}`],
  ].flat();
}
