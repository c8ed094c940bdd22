import { ms, ratio } from '../../src/core/index.js';
import type { TrainedNetwork } from '../../src/export/index.js';
import { classesOf, type Architecture } from '../../src/space/index.js';
import { trained } from '../network/samples.js';

/** A trained network of that architecture with everything an exporter may write. */
export function sampleOf(architecture: Architecture): TrainedNetwork {
  const channels = architecture.input[2];
  return {
    architecture,
    weights: trained(architecture).weights,
    epsilon: 1e-3,
    mean: Array.from({ length: channels }, (_, c) => 0.25 + c / 8),
    deviation: Array.from({ length: channels }, () => 0.5),
    classes: Array.from({ length: classesOf(architecture) }, (_, c) => `class ${c}`),
    study: 'demo',
    trial: 17,
    accuracy: ratio(0.9125),
    evaluationSplit: 'test',
    data: 'fashion-mnist',
    latency: {
      source: 'measured',
      platform: 'tensorflow',
      device: 'a CPU, 2 threads',
      measuredOn: null,
      medianMs: ms(1.75),
      madMs: 0.05,
      p90Ms: 1.9,
      lowMs: 1.7,
      highMs: 1.8,
      runs: 50,
      batch: 1,
      fingerprint: 'f1',
    },
    versions: { 'platform-nas': '0.1.0', tensorflow: '2.21.0' },
  };
}
