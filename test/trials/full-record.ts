import { ms } from '../../src/core/index.js';
import type { AlsoRecord, LatencyRecord } from '../../src/trials/index.js';

/** A measured record in which every field is filled that any record may carry. */
const first: Required<Omit<LatencyRecord, 'also'>> = {
  source: 'measured',
  platform: 'tensorflow',
  medianMs: ms(1.25),
  madMs: 0.02,
  p90Ms: 1.4,
  lowMs: 1.24,
  highMs: 1.27,
  runs: 120,
  batch: 8,
  fingerprint: '0123456789abcdef',
  samplesMs: [1.21, 1.3, 1.25, 1.26, 1.24, 1.35],
  rawMedianMs: 1.31,
  reference: { medianMs: 0.41, madMs: 0.01, factor: 0.98, drift: 0.03, retaken: 1 },
  seedFactor: 1.01,
  hostState: { clockMhz: [2400, 2450], load: 0.4, temperatureC: 51 },
  settled: false,
  clockStepMs: 0.05,
  lacking: ['a segment that no table has'],
  predicted: { medianMs: 1.2, lowMs: 1, highMs: 1.45 },
};

const further: Required<AlsoRecord> = { ...first, platform: 'onnxruntime', medianMs: ms(0.8), targetMs: 2 };

export const fullRecord: Required<LatencyRecord> = { ...first, also: [further] };
