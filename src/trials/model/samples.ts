import { ms, type Ms } from '../../core/index.js';
import type { LatencyRecord } from '../schema/index.js';

/** What the correction of samples reads of a latency. */
type Sampled = Pick<LatencyRecord, 'samplesMs' | 'reference' | 'seedFactor'>;

/**
 * The record's runs in order of time, ms, on the scale of its `medianMs`, interval, MAD and p90. A caller that sets samples
 * next to those, or next to another record's, reads them here: `samplesMs` themselves are as timed.
 */
export function correctedSamplesMs({ samplesMs, reference, seedFactor }: Sampled): readonly Ms[] {
  const factor = (reference?.factor ?? 1) * (seedFactor ?? 1);
  return samplesMs.map((sample) => ms(sample * factor));
}
