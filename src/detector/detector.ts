import { deepFreeze } from '../core/index.js';
import type { Backbone, Feature } from './backbone.js';
import { operationsOf } from './count.js';
import { decoderLayers, predictionHeads, querySelection } from './decoder.js';
import { aifi, ccfm, inputProjections } from './encoder.js';
import type { DetectorLayer } from './layer.js';
import { checkDetectorInput, checkSizes, type DetectorSizes } from './sizes.js';

/** A part of a detector in the order in which a picture passes through them. */
export interface DetectorPart {
  readonly name: string;
  readonly params: number;
  /** GFLOPs of one picture by ultralytics-thop 2.2. */
  readonly gflops: number;
  /** By ultralytics-thop 2.0. */
  readonly gflopsThop20: number;
}

/** Of one picture. */
export interface PartLatency {
  readonly medianMs: number;
  /** Median absolute deviation. */
  readonly madMs: number;
  readonly runs: number;
}

/** Measured with random weights. */
export interface DetectorLatency {
  readonly platform: string;
  /** Of the runtime. */
  readonly version: string;
  readonly device: string;
  readonly threads: number;
  /** The backbone alone, with its maps as results. */
  readonly backbone: PartLatency;
  readonly detector: PartLatency;
}

/** What `nas detector --json` prints. */
export interface DetectorDescription extends DetectorPart {
  readonly input: readonly [number, number];
  readonly classes: number;
  readonly hidden: number;
  readonly decoderLayers: number;
  readonly queries: number;
  readonly features: readonly Feature[];
  readonly parts: readonly DetectorPart[];
  /** Absent where it was not asked for. */
  readonly latency?: DetectorLatency;
}

/** All layers of RT-DETR on a backbone, by part. */
function partsOf({ layers, features }: Backbone, sizes: DetectorSizes) {
  const last = features.at(-1);
  if (last === undefined) throw new RangeError('a backbone without a feature map');
  return new Map<string, readonly DetectorLayer[]>([
    ['backbone', layers],
    ['input projections', inputProjections(features, sizes)],
    ['AIFI', aifi(last, sizes)],
    ['CCFM', ccfm(features, sizes)],
    ['query selection', querySelection(features, sizes)],
    ['decoder layers', decoderLayers(features, sizes)],
    ['prediction heads', predictionHeads(features, sizes)],
  ]);
}

/**
 * Parameters and GFLOPs of RT-DETR (arXiv 2304.08069) on a backbone, for pictures of height × width.
 * @throws NasError `NAS_BAD_DETECTOR_INPUT`, `NAS_BAD_HIDDEN_SIZE`
 */
export function describeDetector(
  backbone: Backbone,
  input: readonly [number, number],
  sizes: DetectorSizes,
): DetectorDescription {
  checkDetectorInput(input);
  const { classes, hidden, queries } = checkSizes(sizes);
  const parts = partsOf(backbone, sizes);
  return deepFreeze({
    ...partOf(backbone.name, [...parts.values()].flat()),
    ...{ input, classes, hidden, decoderLayers: sizes.decoderLayers, queries },
    features: backbone.features,
    parts: [...parts].map(([name, layers]) => partOf(name, layers)),
  });
}

function partOf(name: string, layers: readonly DetectorLayer[]): DetectorPart {
  const sum = (of: (layer: DetectorLayer) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  return {
    name,
    params: sum(({ params }) => params),
    gflops: (2 * sum((layer) => operationsOf(layer, '2.2'))) / 1e9,
    gflopsThop20: (2 * sum((layer) => operationsOf(layer, '2.0'))) / 1e9,
  };
}
