import { join } from 'node:path';
import { NasError, readPlainFileSync } from '../../core/index.js';
import {
  architectureJson,
  exporterFor,
  onnxExporter,
  type Artifact,
  type DescribedNetwork,
  type Int8Facts,
  type OnnxExportOptions,
  type TrainedNetwork,
} from '../../export/index.js';
import { buildNetwork, decodeWeights, type Weights } from '../../network/index.js';
import { parseArchitecture } from '../../space/index.js';
import type { Done, Trial, TrialReader } from '../../trials/index.js';
import { factsOf } from '../study/data-facts.js';
import { deviceOf } from '../latency/devices.js';
import { packageVersion, type Places } from '../environment.js';
import { compareExport } from './check.js';
import { quantise } from './int8/quantise.js';
import { exportedLatency } from './latency.js';
import { requireSameData } from '../study/same-data.js';
import { ownPath } from '../study/own-path.js';
import { specOf, studyFolder } from '../study/studies.js';
import type { StudySpec } from '../study/spec.js';
import type { Verified } from './stored-accuracy.js';
import { verifyAgain } from './verify-again.js';
import { verifyOnnx } from './verify-onnx.js';
import { weightsFile } from '../study/weights.js';
import { requireRoom, writeArtifacts } from './write-artifacts.js';

export interface ExportOptions {
  readonly trial: number;
  readonly format: string;
  /** Folder to write to; by default exports/trial-N/FORMAT in the study's folder. */
  readonly out: string | null;
  /** Where the data lies now; null for where it lay when the study was made. */
  readonly dataFolder: string | null;
  /** Run the exported network again and hold it against the stored accuracy. */
  readonly verify: boolean;
  /** What only the format `onnx` knows. */
  readonly onnx?: OnnxExportOptions;
  /** Of the format `onnx`: whole numbers of 8 bits. @default false */
  readonly int8?: boolean;
}

export interface Exported {
  readonly folder: string;
  readonly files: readonly string[];
  /** Right answers of the exported network, where it was run again. */
  readonly verified: Verified | null;
  /** Largest relative difference of an output to our own forward pass, where it was held against it. */
  readonly difference: number | null;
  /** Why it was not run, where it has weights and the library that it is for is not at hand. */
  readonly unchecked: string | null;
  /** How a network in whole numbers of 8 bits was made, and what it answers. */
  readonly int8: Int8Facts | null;
}

/**
 * Writes a trained trial in one format. Reads the store only, so it works while a search runs, and after it was
 * killed. Formats with weights are run again first: ONNX always, every output held against our own forward pass, and
 * with `verify` it and tfjs on the pictures of the stored accuracy, others on random ones where the library that they
 * are for is at hand. Nothing is written when the answers differ. The format
 * `json` needs no weights, so it is written of a trial as well whose weights were dropped. With `int8` the float network is
 * verified, and what is written is made of it.
 * @throws NasError `NAS_TRIAL_NOT_DONE`, `NAS_NO_WEIGHTS`, `NAS_WEIGHTS_PRUNED`, `NAS_UNKNOWN_FORMAT`,
 *   `NAS_EXPORT_DIFFERS`
 */
export async function exportTrial(
  places: Places,
  reader: TrialReader,
  trial: Trial,
  requested: ExportOptions,
): Promise<Exported> {
  const exporter = requested.format === 'onnx' ? onnxExporter(requested.onnx) : exporterFor(requested.format);
  const outcome = requireDone(trial);
  const described = describedNetwork(places, reader, trial, outcome);
  const trained =
    exporter.format === 'json'
      ? undefined
      : { ...described, weights: weightsOf(places, reader, trial, outcome) };
  const artifacts = trained === undefined ? architectureJson(described) : exporter.export(trained);
  const folder =
    requested.out ??
    ownPath(studyFolder(places, reader.study.name), 'exports', `trial-${trial.id}`, requested.format);
  requireRoom(folder, artifacts);
  const checked =
    trained === undefined
      ? { verified: null, difference: null, unchecked: null }
      : await check(artifacts, trained, places, reader, requested);
  const int8 =
    trained === undefined || requested.int8 !== true
      ? null
      : await quantise(trained, requested.onnx ?? {}, await knownData(reader, requested));
  writeArtifacts(folder, int8?.artifacts ?? artifacts);
  const files = artifacts.map((artifact) => join(folder, artifact.path));
  return { folder, files, ...checked, int8: int8?.facts ?? null };
}

/** Pictures are needed to choose ranges by, also where nothing is verified. */
async function knownData(reader: TrialReader, { dataFolder }: ExportOptions): Promise<StudySpec> {
  const spec = specWithData(reader, dataFolder);
  await requireSameData(reader, spec);
  return spec;
}

async function check(
  artifacts: readonly Artifact[],
  trained: TrainedNetwork,
  places: Places,
  reader: TrialReader,
  requested: ExportOptions,
): Promise<Pick<Exported, 'verified' | 'difference' | 'unchecked'>> {
  const spec = specWithData(reader, requested.dataFolder);
  if (requested.verify) await requireSameData(reader, spec);
  if (requested.format === 'onnx') {
    const surroundings = { places, flavour: spec.host.flavour, spec: requested.verify ? spec : null };
    return { ...(await verifyOnnx(artifacts, trained, requested.onnx ?? {}, surroundings)), unchecked: null };
  }
  if (!requested.verify) return { verified: null, difference: null, unchecked: null };
  if (requested.format === 'tfjs') {
    const verified = await verifyAgain(artifacts, places, spec, trained);
    return { verified, difference: null, unchecked: null };
  }
  const own = { places, flavour: spec.host.flavour };
  return { verified: null, ...(await compareExport(requested.format, artifacts, trained, {}, own)) };
}

function specWithData(reader: TrialReader, folder: string | null): StudySpec {
  const spec = specOf(reader);
  return folder === null ? spec : { ...spec, data: { ...spec.data, folder } };
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

function weightsOf(places: Places, reader: TrialReader, trial: Trial, { checkpoint }: Done): Weights {
  if (checkpoint === null) throw noWeights(reader, trial);
  const folder = studyFolder(places, reader.study.name);
  const file = weightsFile(folder, reader, checkpoint, trial.id);
  return decodeWeights(readWeights(file, trial.id), buildNetwork(parseArchitecture(trial.text)));
}

function noWeights(reader: TrialReader, trial: Trial): NasError {
  return new NasError({
    code: 'NAS_NO_WEIGHTS',
    found: `trial ${trial.id} kept no weights`,
    fix: `train it again: nas retrain ${trial.id} --study ${reader.study.name}`,
  });
}

/** @throws NasError `NAS_NO_WEIGHTS` where the study never read its data, and so trained nothing */
function describedNetwork(
  places: Places,
  reader: TrialReader,
  trial: Trial,
  outcome: Done,
): DescribedNetwork {
  const spec = specOf(reader);
  const facts = factsOf(reader);
  if (facts === undefined) throw noWeights(reader, trial);
  return {
    architecture: parseArchitecture(trial.text),
    epsilon: spec.recipe.norm.epsilon,
    mean: facts.mean,
    deviation: facts.deviation,
    classes: facts.classes,
    study: reader.study.name,
    trial: trial.id,
    accuracy: outcome.accuracy,
    evaluationSplit: trial.kind === 'retrain' ? 'test' : 'validation',
    data: spec.data.name,
    latency: exportedLatency(outcome.latency, (digest) => deviceOf(reader, digest, places.latency)),
    versions: { 'platform-nas': packageVersion() },
  };
}

function readWeights(file: string, trial: number): Uint8Array {
  try {
    return readPlainFileSync(file);
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NO_WEIGHTS',
      found: `the weights of trial ${trial} (${file}) cannot be read`,
      fix: `train it again: nas retrain ${trial}`,
      cause,
    });
  }
}
