import { formatMs } from '../../core/index.js';
import type { LatencyRecord } from '../../trials/index.js';
import type { LatencyView } from './view.js';

/** A trial's latency on each platform, the first with the study's target. */
export function latencyViews(record: LatencyRecord, targetMs: number | null): readonly LatencyView[] {
  return [latencyView(record, targetMs), ...(record.also ?? []).map((one) => latencyView(one, one.targetMs))];
}

function latencyView(record: Omit<LatencyRecord, 'also'>, targetMs: number | null): LatencyView {
  const { platform, source, medianMs, lowMs, highMs, madMs, p90Ms, fingerprint, samplesMs } = record;
  return {
    ...{ platform, source, targetMs, medianMs, lowMs, highMs, madMs, p90Ms, fingerprint, samplesMs },
    notes: notesOf(record),
  };
}

function notesOf({
  runs,
  batch,
  reference,
  conditions,
  settled,
  foretold,
  lacking,
}: Omit<LatencyRecord, 'also'>): string[] {
  const { clockMhz = null, load = null, temperatureC = null } = conditions ?? {};
  return [
    ...(runs > 0 ? [`${runs} runs of batch ${batch}`] : []),
    ...(foretold === undefined
      ? []
      : [
          `foretold ${formatMs(foretold.medianMs)}, within ${formatMs(foretold.lowMs)} and ${formatMs(foretold.highMs)}`,
        ]),
    ...(reference === undefined
      ? []
      : [
          `reference network ${reference.medianMs.toPrecision(4)} ms, drift ${(100 * reference.drift).toFixed(1)} %, times ${reference.factor.toFixed(3)}`,
        ]),
    ...(clockMhz === null ? [] : [`clock ${clockMhz.map(Math.round).join(' → ')} MHz`]),
    ...(load === null ? [] : [`load ${load.toFixed(2)}`]),
    ...(temperatureC === null ? [] : [`${Math.round(temperatureC)} °C`]),
    ...(reference?.retaken === undefined ? [] : [`the calmest of ${reference.retaken + 1} sessions`]),
    ...(settled === false ? ['the machine was too noisy for the precision asked for'] : []),
    ...((lacking ?? []).length === 0 ? [] : [`without: ${(lacking ?? []).join(', ')}`]),
  ];
}
