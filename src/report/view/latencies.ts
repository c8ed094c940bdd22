import { formatMs } from '../../core/index.js';
import { correctedSamplesMs, type LatencyRecord } from '../../trials/index.js';
import { surroundingsOf } from './surroundings.js';
import type { LatencyView } from './view.js';

/** A trial's latency on each platform, the first with the study's target. */
export function latencyViews(record: LatencyRecord, targetMs: number | null): readonly LatencyView[] {
  return [latencyView(record, targetMs), ...(record.also ?? []).map((one) => latencyView(one, one.targetMs))];
}

function latencyView(record: Omit<LatencyRecord, 'also'>, targetMs: number | null): LatencyView {
  const { platform, source, medianMs, lowMs, highMs, madMs, p90Ms, fingerprint } = record;
  return {
    ...{ platform, source, targetMs, medianMs, lowMs, highMs, madMs, p90Ms, fingerprint },
    samplesMs: correctedSamplesMs(record),
    notes: notesOf(record),
  };
}

function notesOf(record: Omit<LatencyRecord, 'also'>): string[] {
  const { runs, batch, predicted } = record;
  return [
    ...(runs > 0 ? [`${runs} runs of batch ${batch}`] : []),
    ...(predicted === undefined
      ? []
      : [
          `predicted before: ${formatMs(predicted.medianMs)}, 95 % within ${formatMs(predicted.lowMs)} and ${formatMs(predicted.highMs)}`,
        ]),
    ...surroundingsOf(record),
  ];
}
