import { cpus } from 'node:os';
import { openOnnx } from '../../backends/index.js';
import { createRng, mad, median } from '../../core/index.js';
import {
  DEFAULT_SIZES,
  RTDETR_L,
  type DetectorDescription,
  type DetectorLatency,
} from '../../detector/index.js';
import {
  detectorModel,
  onnxModel,
  ownBackboneModel,
  randomParameters,
  stateDict,
  type Artifact,
} from '../../export/index.js';
import { buildNetwork, encodeTensors, initialWeights } from '../../network/index.js';
import { quickRecipe } from '../../train/index.js';
import { packageVersion, type Places } from '../environment.js';
import { requireRoom, writeArtifacts } from '../export/write-artifacts.js';
import { backboneNamed, detectorOf, type DetectorOptions } from './describe.js';

export interface WholeOptions extends DetectorOptions {
  /** Of the random weights. */
  readonly seed: string;
}

/** A detector with random weights, and its backbone alone. */
export interface WholeDetector {
  readonly description: DetectorDescription;
  /** `.onnx` files. */
  readonly detector: Uint8Array;
  readonly backbone: Uint8Array;
  /** Its parameters by Ultralytics' names. */
  readonly weights: Uint8Array;
}

/**
 * The detector that {@link detectorOf} describes, with random weights.
 * @throws NasError what {@link detectorOf} finds
 */
export function wholeDetector(given: string, options: WholeOptions, where: Places): WholeDetector {
  const description = detectorOf(given, options, where);
  const { input, levels, classes, hidden, decoderLayers } = options;
  const sizes = { ...DEFAULT_SIZES, classes, hidden, decoderLayers };
  const rng = createRng(options.seed).fork('detector');
  const parameters = randomParameters(rng.fork('parameters'));
  if (given === RTDETR_L) {
    const own = { input, levels };
    const detector = detectorModel(own, sizes, parameters, packageVersion());
    const backbone = ownBackboneModel(own, parameters);
    return { description, detector, backbone, weights: encodeTensors(parameters.taken, torch) };
  }
  const [, architecture] = backboneNamed(given, options, where);
  const network = buildNetwork(architecture);
  const weights = initialWeights(network, rng.fork('backbone'));
  const { epsilon } = quickRecipe.norm;
  const channels = architecture.input[2];
  const perChannel = (value: number) => Array.from({ length: channels }, () => value);
  const pixels = { kind: 'unit', mean: perChannel(0), deviation: perChannel(1) } as const;
  const weighted = { network, weights, epsilon, pixels, levels };
  const detector = detectorModel(weighted, sizes, parameters, packageVersion());
  const outputs = levels.map((level) => `c${level}`);
  const own = stateDict(network, weights)
    .filter(({ name }) => name.startsWith('blocks.'))
    .map((each) => ({ ...each, name: `model.0.${each.name}` }));
  return {
    ...{ description, detector },
    backbone: onnxModel(network, weights, { epsilon, batch: 1, outputs, pixels }),
    weights: encodeTensors([...own, ...parameters.taken], torch),
  };
}

const torch = () => ({ format: 'pt' });

/** Each of both is run so often, in turns. */
const [TURNS, RUNS] = [3, 4];

/**
 * Latencies of a detector and of its backbone alone in ONNX Runtime on this machine's processor, one picture at a time.
 * @throws NasError `NAS_NO_ONNXRUNTIME`
 */
export async function measureDetector(
  { detector, backbone }: Pick<WholeDetector, 'detector' | 'backbone'>,
  threads: number,
): Promise<DetectorLatency> {
  const sessions = [await openOnnx(backbone, { threads }), await openOnnx(detector, { threads })] as const;
  try {
    const times: readonly [number[], number[]] = [[], []];
    for (const session of sessions) await session.time(1);
    for (let turn = 0; turn < TURNS; turn++)
      for (const [at, session] of sessions.entries()) times[at]?.push(...(await session.time(RUNS)));
    const of = (samples: readonly number[]) => ({
      ...{ medianMs: median(samples), madMs: mad(samples), runs: samples.length },
    });
    return {
      ...{ platform: 'onnxruntime', version: sessions[0].version, threads },
      ...{ device: cpus()[0]?.model.trim() ?? 'CPU', backbone: of(times[0]), detector: of(times[1]) },
    };
  } finally {
    for (const session of sessions) session.dispose();
  }
}

export const DETECTOR_FILES = { onnx: 'model.onnx', weights: 'model.safetensors' } as const;

/**
 * Writes the detector as ONNX, and the same weights for PyTorch.
 * @throws NasError `NAS_FOLDER_IN_USE`
 */
export function writeDetector({ detector, weights }: WholeDetector, folder: string): void {
  const bytes = 'application/octet-stream';
  const artifacts: readonly Artifact[] = [
    { path: DETECTOR_FILES.onnx, bytes: detector, mediaType: bytes },
    { path: DETECTOR_FILES.weights, bytes: weights, mediaType: bytes },
  ];
  requireRoom(folder, artifacts);
  writeArtifacts(folder, artifacts);
}
