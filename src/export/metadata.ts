import { formatArchitecture } from '../space/index.js';
import { preprocessingOf } from './architecture-json.js';
import type { DescribedNetwork } from './exporter.js';

/** What every file of weights carries about its network, for readers that do not know this project. */
export function exportMetadata(described: DescribedNetwork, layout: 'NCHW' | 'NHWC') {
  const { architecture, mean, deviation, accuracy, evaluationSplit, data, latency, classes } = described;
  return {
    preprocessing: { ...preprocessingOf(mean, deviation), layout },
    classes,
    architecture: formatArchitecture(architecture),
    origin: { study: described.study, trial: described.trial },
    accuracy: { value: accuracy, data, set: evaluationSplit },
    latency,
    versions: described.versions,
  };
}

export type ExportMetadata = ReturnType<typeof exportMetadata>;
