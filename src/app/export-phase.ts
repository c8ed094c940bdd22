import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NasError, formatPercent } from '../core/index.js';
import { loadData, loadTest, takeRows } from '../data/index.js';
import type { Examples } from '../backends/index.js';
import {
  exporterFor,
  verifyExport,
  type Artifact,
  type ExportedLatency,
  type TrainedNetwork,
} from '../export/index.js';
import { buildNetwork, decodeWeights } from '../network/index.js';
import { parseArchitecture } from '../space/index.js';
import type { Done, LatencyRecord, Trial, TrialReader } from '../trials/index.js';
import { factsOf } from './data-facts.js';
import { packageVersion, type Places } from './environment.js';
import { specOf, studyFolder } from './studies.js';

export interface ExportWishes {
  readonly trial: number;
  readonly format: string;
  /** Folder to write to; by default exports/trial-N/FORMAT in the study's folder. */
  readonly out: string | null;
  /** Run the exported network again and hold it against the stored accuracy. */
  readonly verify: boolean;
}

export interface Exported {
  readonly folder: string;
  readonly files: readonly string[];
  /** Right answers of the exported network, where it was run again. */
  readonly verified: { readonly correct: number; readonly count: number; readonly accuracy: number } | null;
}

/**
 * Writes a trained trial in one format. Reads the store only, so it works while a search runs, and after it was
 * killed. Formats with weights are run again first; nothing is written when they do not give the stored accuracy.
 * @throws NasError `NAS_TRIAL_NOT_DONE`, `NAS_NO_WEIGHTS`, `NAS_UNKNOWN_FORMAT`, `NAS_EXPORT_DIFFERS`
 */
export async function exportTrial(
  places: Places,
  reader: TrialReader,
  trial: Trial,
  wishes: ExportWishes,
): Promise<Exported> {
  const exporter = exporterFor(wishes.format);
  const outcome = requireDone(trial);
  const trained = trainedNetwork(places, reader, trial, outcome);
  const artifacts = exporter.export(trained);
  const runs = wishes.format === 'tfjs';
  const verified = wishes.verify && runs ? await verifyAgain(artifacts, reader, trained) : null;
  const folder =
    wishes.out ?? join(studyFolder(places, reader.study.name), 'exports', `trial-${trial.id}`, wishes.format);
  writeAll(folder, artifacts);
  return { folder, files: artifacts.map((artifact) => join(folder, artifact.path)), verified };
}

function requireDone(trial: Trial): Done {
  if (trial.outcome?.state === 'done') return trial.outcome;
  throw new NasError({
    code: 'NAS_TRIAL_NOT_DONE',
    found: `trial ${trial.id} is ${trial.state}`,
    expected: 'a trial trained to the end',
    fix: 'choose one of nas frontier, or --best',
  });
}

function trainedNetwork(places: Places, reader: TrialReader, trial: Trial, outcome: Done): TrainedNetwork {
  const spec = specOf(reader);
  const facts = factsOf(reader);
  const architecture = parseArchitecture(trial.text);
  if (outcome.checkpoint === null || facts === undefined) {
    throw new NasError({
      code: 'NAS_NO_WEIGHTS',
      found: `trial ${trial.id} kept no weights`,
      fix: `train it again: nas retrain ${trial.id} --study ${reader.study.name}`,
    });
  }
  const file = join(studyFolder(places, reader.study.name), 'checkpoints', outcome.checkpoint);
  return {
    architecture,
    weights: decodeWeights(readWeights(file, trial.id), buildNetwork(architecture)),
    epsilon: spec.recipe.norm.epsilon,
    mean: facts.mean,
    deviation: facts.deviation,
    classes: facts.classes,
    study: reader.study.name,
    trial: trial.id,
    accuracy: outcome.accuracy,
    judge: trial.kind === 'retrain' ? 'test' : 'validation',
    data: spec.data.name,
    latency: exportedLatency(outcome.latency, reader),
    versions: { 'platform-nas': packageVersion() },
  };
}

function readWeights(file: string, trial: number): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NO_WEIGHTS',
      found: `the weights of trial ${trial} (${file}) cannot be read`,
      fix: `train it again: nas retrain ${trial}`,
      cause,
    });
  }
}

function exportedLatency({ samplesMs, ...record }: LatencyRecord, reader: TrialReader): ExportedLatency {
  void samplesMs;
  const { cpu, cores } = reader.study.environment as { cpu?: string; cores?: number };
  return { ...record, device: `${cpu ?? 'unknown device'}, ${cores ?? '?'} cores` };
}

/** Sums in another order may move a picture at the very edge of two classes: so many in a thousand are forgiven. */
const FORGIVEN = 1 / 1000;

async function verifyAgain(
  artifacts: readonly Artifact[],
  reader: TrialReader,
  trained: TrainedNetwork,
): Promise<{ correct: number; count: number; accuracy: number }> {
  const spec = specOf(reader);
  const data = await loadData({ ...spec.data, seed: spec.seed });
  const examples =
    trained.judge === 'test' ? await loadTest(data) : takeRows(data.training, data.split.validation);
  const { correct } = await verifyExport(artifacts, {
    count: examples.count,
    input: normalised(examples, trained),
    labels: examples.labels,
    logits: null,
  });
  const { count } = examples;
  const expected = Math.round(trained.accuracy * count);
  if (correct === null || Math.abs(correct - expected) > Math.max(1, FORGIVEN * count)) {
    throw new NasError({
      code: 'NAS_EXPORT_DIFFERS',
      found: `the exported network has ${correct ?? 0} of ${count} right`,
      expected: `${expected} (${formatPercent(trained.accuracy)}), as trial ${trained.trial} had`,
      fix: 'please report this; nothing was written',
    });
  }
  return { correct, count, accuracy: correct / count };
}

function normalised({ images, shape }: Examples, { mean, deviation }: TrainedNetwork): Float32Array {
  const channels = shape[2];
  const scale = deviation.map((value) => 1 / (255 * value));
  const shift = mean.map((value, channel) => value / (deviation[channel] ?? 1));
  return Float32Array.from(
    images,
    (pixel, at) => pixel * (scale[at % channels] ?? 0) - (shift[at % channels] ?? 0),
  );
}

/** All files or none: written beside the folder first. */
function writeAll(folder: string, artifacts: readonly Artifact[]): void {
  const draft = `${folder}.${process.pid}.new`;
  try {
    for (const { path, bytes } of artifacts) {
      const file = join(draft, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    mkdirSync(dirname(folder), { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NOT_WRITABLE',
      found: `cannot write to ${folder}`,
      fix: 'choose another folder by --out',
      cause,
    });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
