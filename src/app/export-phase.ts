import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NasError } from '../core/index.js';
import { exporterFor, type ExportedLatency, type TrainedNetwork } from '../export/index.js';
import { buildNetwork, decodeWeights } from '../network/index.js';
import { parseArchitecture } from '../space/index.js';
import type { Done, LatencyRecord, Trial, TrialReader } from '../trials/index.js';
import { factsOf } from './data-facts.js';
import { packageVersion, type Places } from './environment.js';
import { specOf, studyFolder } from './studies.js';
import type { StudySpec } from './spec.js';
import { verifyAgain, type Verified } from './verify-export.js';
import { requireRoom, writeArtifacts } from './write-artifacts.js';

export interface ExportWishes {
  readonly trial: number;
  readonly format: string;
  /** Folder to write to; by default exports/trial-N/FORMAT in the study's folder. */
  readonly out: string | null;
  /** Where the data lies now; null for where it lay when the study was made. */
  readonly dataFolder: string | null;
  /** Run the exported network again and hold it against the stored accuracy. */
  readonly verify: boolean;
}

export interface Exported {
  readonly folder: string;
  readonly files: readonly string[];
  /** Right answers of the exported network, where it was run again. */
  readonly verified: Verified | null;
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
  const folder =
    wishes.out ?? join(studyFolder(places, reader.study.name), 'exports', `trial-${trial.id}`, wishes.format);
  requireRoom(folder, artifacts);
  const runs = wishes.format === 'tfjs';
  const verified =
    wishes.verify && runs
      ? await verifyAgain(artifacts, places, specWithData(reader, wishes.dataFolder), trained)
      : null;
  writeArtifacts(folder, artifacts);
  return { folder, files: artifacts.map((artifact) => join(folder, artifact.path)), verified };
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
