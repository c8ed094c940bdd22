import type { Ratio } from '../core/index.js';
import { assertWeights, buildNetwork, type Weights } from '../network/index.js';
import type { Architecture } from '../space/index.js';
import type { AlsoRecord, LatencyRecord } from '../trials/index.js';

/** A file to be written, `path` relative to the folder the caller chooses. */
export interface Artifact {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** What a latency was measured on. */
export interface ExportedDevice {
  readonly name: string;
  readonly kind: 'cpu' | 'gpu';
  /** What ran the network, and the versions that it gave. */
  readonly runtime: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Threads that one operation may use; 0: not known. */
  readonly threads: number;
  readonly os: string;
}

interface OnDevice {
  /** The device in words, e.g. `Pixel 8, onnxruntime 1.30.0, 2 threads, batch 1`; its digest where only that is known. */
  readonly device: string;
  /** null where only the digest is known. */
  readonly measuredOn: ExportedDevice | null;
}

/** A latency with its source and device, as a reader without the study needs it. All in ms. */
export interface ExportedLatency extends Omit<LatencyRecord, 'samplesMs' | 'also'>, OnDevice {
  /** The same network on the study's further platforms. */
  readonly also?: readonly (Omit<AlsoRecord, 'samplesMs'> & OnDevice)[];
}

/** A network but for its weights, which a study may have dropped. */
export interface DescribedNetwork {
  readonly architecture: Architecture;
  /** Epsilon of normalisation. */
  readonly epsilon: number;
  /** Pixels enter as (pixel/255 − mean)/deviation, per channel. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** Names of the classes in the order of the outputs. */
  readonly classes: readonly string[];
  /** Where it comes from; null for a network of no study, which has no accuracy and no latency either. */
  readonly study: string | null;
  readonly trial: number | null;
  readonly accuracy: Ratio | null;
  /** What the accuracy was counted on: held-out training pictures or the test set of `data`. */
  readonly evaluationSplit: 'validation' | 'test' | null;
  /** Name of the data set. */
  readonly data: string | null;
  /** Of a network of no study: the preset that it is, and where its weights come from, in words. */
  readonly named?: { readonly name: string | null; readonly weights: string };
  readonly latency: ExportedLatency | null;
  /** Versions by package, `platform-nas` among them. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Everything an exporter may write about a network. */
export interface TrainedNetwork extends DescribedNetwork {
  /** As trained or as they start, normalisation not folded. */
  readonly weights: Weights;
}

/** Writes one format. Pure: bytes out, the caller writes files. */
export interface Exporter {
  /** What a user names it by. */
  readonly format: string;
  /** @throws RangeError when classes, mean or weights do not fit the architecture (a bug) */
  export(trained: TrainedNetwork): readonly Artifact[];
}

/** Checks what the types cannot say; every exporter calls it first. @throws RangeError */
export function assertTrained(trained: TrainedNetwork): void {
  assertDescribed(trained);
  assertWeights(buildNetwork(trained.architecture), trained.weights);
}

/** As {@link assertTrained}, without weights. */
export function assertDescribed({ architecture, classes, mean, deviation }: DescribedNetwork): void {
  const last = architecture.blocks.at(-1);
  const outputs = last?.kind === 'fc' ? last.channels : 0;
  if (classes.length !== outputs)
    throw new RangeError(`${classes.length} class names for ${outputs} outputs`);
  const channels = architecture.input[2];
  if (mean.length !== channels || deviation.length !== channels)
    throw new RangeError(
      `mean and deviation of ${mean.length} and ${deviation.length} of ${channels} channels`,
    );
}
