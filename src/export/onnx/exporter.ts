import { NasError } from '../../core/index.js';
import { buildNetwork, type Network } from '../../network/index.js';
import { checkArchitecture, type Architecture } from '../../space/index.js';
import { jsonArtifact } from '../artifacts.js';
import { assertTrained, type Artifact, type Exporter, type TrainedNetwork } from '../exporter.js';
import { exportMetadata, metadataTexts, preprocessingOf } from '../metadata.js';
import type { Int8Options } from './int8.js';
import type { GateKind } from './lower.js';
import { onnxModel, type PixelKind } from './model.js';
import { LOGITS, outputsOf } from './outputs.js';

export interface OnnxExportOptions {
  /** Pictures per call; `N` leaves it to the program that runs the file. @default 'N' */
  readonly batch?: number | 'N' | undefined;
  /** `logits`, `probabilities`, `c1` to `c9` or layers. @default ['logits'] */
  readonly outputs?: readonly string[] | undefined;
  /** Height and width of the pictures; weights do not depend on it. @default as trained */
  readonly input?: readonly [number, number] | undefined;
  /** What the input holds. @default normalised */
  readonly pixels?: PixelKind | undefined;
  /** How hard sigmoids are written; both compute the same. @default hard-sigmoid */
  readonly gate?: GateKind | undefined;
  /** Whole numbers of 8 bits, and what is known of the network so written. @default float32 */
  readonly int8?: (Int8Options & { readonly facts: Int8Facts }) | undefined;
}

/** How a network in whole numbers was made, and what it answers. */
export interface Int8Facts {
  /** Of the file itself, on the pictures of the float network's accuracy; null of a network of no study. */
  readonly accuracy: {
    readonly value: number;
    readonly correct: number;
    readonly count: number;
    readonly set: 'validation' | 'test' | null;
    /** Of the same network in float, counted on the same pictures by the same runtime. */
    readonly float: number;
  } | null;
  readonly ranges: {
    /** Share of a value's numbers within its range; 1: from the smallest to the largest. */
    readonly coverage: number;
    readonly pictures: number;
    /** What pictures: the training part, the held-out part of the training set, or random pixels. */
    readonly of: 'training' | 'held-out' | 'random';
  };
  /** Parts that stayed in float, by layer; `N.se`: the squeeze-and-excite of block N. */
  readonly float: readonly string[];
  /** Every setting that was measured on the pictures of the ranges: right answers, and the outputs' relative squared error. */
  readonly tried: readonly {
    readonly coverage: number;
    readonly float: readonly string[];
    readonly correct: number;
    readonly error: number;
  }[];
  /** Relative squared error with one part alone in whole numbers, the largest first; empty where nothing had to be left in float. */
  readonly sensitivity: readonly { readonly part: string; readonly error: number }[];
  /** Median times of both on the machine that wrote the file, in turns. */
  readonly time: {
    readonly int8Ms: number;
    readonly floatMs: number;
    readonly threads: number;
    readonly runtime: string;
  };
}

/** File name of the network. */
export const ONNX_FILE = 'model.onnx';

/**
 * `model.onnx` (see {@link onnxModel}) with what is known about the network as texts inside, and the same in
 * `metadata.json` for readers that do not show them.
 */
export function onnxExporter(options: OnnxExportOptions = {}): Exporter {
  return {
    format: 'onnx',
    export(trained): readonly Artifact[] {
      assertTrained(trained);
      const network = networkToExport(trained.architecture, options);
      const outputs = options.outputs ?? [LOGITS];
      const metadata = describe(trained, network, { ...options, outputs });
      const { mean, deviation } = trained;
      const bytes = onnxModel(network, trained.weights, {
        epsilon: trained.epsilon,
        batch: options.batch ?? 'N',
        outputs,
        pixels: { kind: options.pixels ?? 'normalised', mean, deviation },
        ...(options.gate === undefined ? {} : { gate: options.gate }),
        ...(options.int8 === undefined ? {} : { int8: options.int8 }),
        metadata: metadataTexts(metadata),
        version: trained.versions['platform-nas'] ?? '',
      });
      return [
        { path: ONNX_FILE, bytes, mediaType: 'application/octet-stream' },
        jsonArtifact('metadata.json', metadata),
      ];
    },
  };
}

/**
 * The network at the size it is exported at. The kernels fit any size, and so do the classifier's; but its accuracy
 * is that of the size it was trained at, so at another one its outputs must be asked for by name.
 * @throws NasError `NAS_OUTPUTS_NEEDED`, `NAS_BAD_ARCHITECTURE` for a size out of range
 */
export function networkToExport(architecture: Architecture, { input, outputs }: OnnxExportOptions): Network {
  const [height, width, channels] = architecture.input;
  if (input === undefined || (input[0] === height && input[1] === width)) return buildNetwork(architecture);
  if (outputs === undefined)
    throw new NasError({
      code: 'NAS_OUTPUTS_NEEDED',
      found: `input ${input[0]}×${input[1]} without named outputs; the network was trained at ${height}×${width}`,
      fix: 'name them: --outputs c3,c4,c5 for a backbone; --outputs logits if its accuracy at this size does not matter',
    });
  return buildNetwork(checkArchitecture({ ...architecture, input: [input[0], input[1], channels] }));
}

function describe(trained: TrainedNetwork, network: Network, options: OnnxExportOptions) {
  return {
    ...exportMetadata(trained, 'NCHW'),
    ...(options.int8 === undefined ? {} : { int8: options.int8.facts }),
    preprocessing: preprocessing(trained, options.pixels ?? 'normalised'),
    outputs: Object.fromEntries(
      outputsOf(network, options.outputs ?? []).map(({ name, layer, shape, stride }) => [
        name,
        { layer, channels: shape[0], stride },
      ]),
    ),
  };
}

function preprocessing({ mean, deviation }: TrainedNetwork, pixels: PixelKind) {
  switch (pixels) {
    case 'normalised':
      return { ...preprocessingOf(mean, deviation), layout: 'NCHW' };
    case 'unit':
      return { layout: 'NCHW', formula: 'pixel / 255' };
    case 'bytes':
      return { layout: 'NHWC', formula: 'pixel, from 0 to 255' };
  }
}
