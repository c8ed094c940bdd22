import { formatArchitecture } from '../space/index.js';
import type { DescribedNetwork } from './exporter.js';

/** What every file of weights carries about its network, for readers that do not know this project. */
export function exportMetadata(described: DescribedNetwork, layout: 'NCHW' | 'NHWC') {
  const { architecture, mean, deviation, latency, classes } = described;
  return {
    preprocessing: { ...preprocessingOf(mean, deviation), layout },
    classes,
    architecture: formatArchitecture(architecture),
    origin: originOf(described),
    accuracy: accuracyOf(described),
    latency,
    versions: described.versions,
  };
}

export type ExportMetadata = ReturnType<typeof exportMetadata>;

/** The same for formats whose metadata are texts: what is none is JSON. */
export function metadataTexts(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

/** The trial that a network is, or what was exported by name. */
export function originOf({ study, trial, named }: DescribedNetwork) {
  return { study, trial, ...named };
}

/** The accuracy with what it was counted on; null where it is not known. */
export function accuracyOf({ accuracy, data, evaluationSplit }: DescribedNetwork) {
  return accuracy === null ? null : { value: accuracy, data, set: evaluationSplit };
}

/** How pictures become inputs, in words that a reader without this project understands. */
export function preprocessingOf(mean: readonly number[], deviation: readonly number[]) {
  return { layout: 'NHWC', formula: '(pixel / 255 - mean) / deviation, per channel', mean, deviation };
}
