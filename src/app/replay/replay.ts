import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { NasError, stopwatch } from '../../core/index.js';
import { startPool, type Pool } from '../../pool/index.js';
import {
  bindingMs,
  type LatencyRecord,
  type Outcome,
  type Progress,
  type Trial,
  type TrialReader,
} from '../../trials/index.js';
import type { Replayed } from '../../report/index.js';
import { parseArchitecture } from '../../space/index.js';
import type { Places } from '../environment.js';
import { hostSpec } from '../study/host-spec.js';
import { requireTrial } from '../refine/phase.js';
import { evaluateReplay } from './evaluate.js';
import { trainingOf, type Training } from './plan.js';
import { requireSameData } from '../study/same-data.js';
import { requireBackend } from '../study/session.js';
import { platformsOf, type StudySpec } from '../study/spec.js';
import { specOf, studyFolder } from '../study/studies.js';
import { tableWarnings } from '../search/table-coverage.js';
import { temporaryFolder } from '../temporary.js';
import { requireTrusted, studySource } from '../study/trust.js';
import { weightsFile } from '../study/weights.js';

export interface ReplayOptions {
  readonly trial: number;
  /** Where the data lies now; null for where it lay when the study was made. */
  readonly dataFolder: string | null;
  /** Take a table that covers less than half of the network, as where the study allows it. */
  readonly allowExtrapolation?: boolean | undefined;
  /** Named again in this command, so that a study of others may use them; see `requireTrusted`. */
  readonly platforms?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  /** Gets what the user should know while it runs, such as that the machine is too noisy to time. */
  readonly notice?: (text: string) => void;
  readonly progress?: (progress: Progress) => void;
}

/**
 * Times and trains a trial again with its stored seed, plan and platform, in a separate host, and holds the result
 * against the stored one. Reads the study only: nothing in its folder changes, and it works while a search runs, whose
 * measurements it disturbs as any other program would.
 * @throws NasError `NAS_TRIAL_MISSING`, `NAS_TRIAL_NOT_DONE`, `NAS_NO_WEIGHTS`, `NAS_WEIGHTS_PRUNED`, `NAS_STOPPED`,
 *   `NAS_PLATFORM_UNTRUSTED`, `NAS_OTHER_PLATFORM`, `NAS_TABLE_RANGE` and what the host finds
 */
export async function replayTrial(
  places: Places,
  reader: TrialReader,
  requested: ReplayOptions,
): Promise<Replayed> {
  const elapsed = stopwatch();
  const trial = requireTrial(reader, requested.trial);
  const stored = specOf(reader);
  const spec: StudySpec = {
    ...stored,
    data: { ...stored.data, folder: requested.dataFolder ?? stored.data.folder },
    host: { ...stored.host, workers: 1 },
  };
  const training = trainingOf(reader, spec, trial);
  const source = studySource(studyFolder(places, reader.study.name), reader.study);
  const trusted = requireTrusted(source, platformsOf(spec), requested.platforms, requested.notice);
  requireBackend(spec.host, places);
  await requireSameData(reader, spec);
  const network = [parseArchitecture(trial.text)];
  const allowed = requested.allowExtrapolation === true || spec.latency.allowExtrapolation === true;
  for (const warning of tableWarnings(spec.latency, network, `trial ${trial.id}`, allowed))
    requested.notice?.(`warning: ${warning}`);
  const folder = temporaryFolder('replay');
  try {
    lendWeights(places, reader, trial, training, folder);
    const { latency, fingerprint, outcome } = await again(
      trial,
      training,
      spec,
      places,
      folder,
      requested,
      trusted,
    );
    return evaluateReplay(reader, trial, training, {
      latency,
      fingerprint,
      outcome,
      seconds: elapsed() / 1000,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A copy of the weights that a fine-tune starts from, so that the host never sees the study's own folder. */
function lendWeights(
  places: Places,
  reader: TrialReader,
  trial: Trial,
  { start }: Training,
  folder: string,
): void {
  if (start.kind === 'random') return;
  const from = weightsFile(
    studyFolder(places, reader.study.name),
    reader,
    start.checkpoint,
    trial.parent ?? trial.id,
  );
  mkdirSync(join(folder, 'checkpoints'), { recursive: true });
  copyFileSync(from, join(folder, 'checkpoints', basename(start.checkpoint)));
}

interface Again {
  readonly latency: LatencyRecord;
  readonly fingerprint: Pool['fingerprint'];
  readonly outcome: Outcome;
}

/** Timed as candidates are, in a host of the study's threads; a retraining then gets all threads, as it had. */
async function again(
  trial: Trial,
  training: Training,
  spec: StudySpec,
  places: Places,
  folder: string,
  requested: ReplayOptions,
  trusted: readonly string[],
): Promise<Again> {
  const open = (host: StudySpec['host']) =>
    startPool(hostSpec({ ...spec, host }, places, folder, trusted), {
      signal: requested.signal,
      log: () => undefined,
      environment: process.env,
      warn: (text) => requested.notice?.(`warning: ${text}`),
    });
  const elapsed = stopwatch();
  const report = (progress: Omit<Progress, 'trial'>) =>
    requested.progress?.({ trial: trial.id, ...progress });
  let pool = await open(spec.host);
  try {
    report({ phase: 'timing', done: 0, loss: null, accuracy: null });
    const [latency] = await pool.measure([trial.text], requested.signal);
    if (latency === undefined) throw new TypeError('a measurement without a result');
    const { fingerprint } = pool;
    const limitMs = spec.latency.gate * spec.latency.targetMs * spec.latency.searchFactor;
    const binding = bindingMs(latency, spec.latency.targetMs * spec.latency.searchFactor);
    if (trial.state === 'infeasible') {
      const seconds = elapsed() / 1000;
      const outcome: Outcome =
        binding > limitMs
          ? { state: 'infeasible', reason: 'over the limit', latency, seconds }
          : { state: 'stopped', reason: 'within the limit now', latency, curve: [], seconds };
      return { latency, fingerprint, outcome };
    }
    if (trial.kind === 'retrain') {
      await pool[Symbol.asyncDispose]();
      pool = await open({ ...spec.host, threads: availableParallelism() });
    }
    const outcome = await pool.evaluate(
      {
        trial: trial.id,
        text: trial.text,
        seed: training.seed,
        start: training.start,
        plan: training.plan,
        evaluationSplit: training.evaluationSplit,
        gateMs: null,
        checkpoint: null,
        latency,
      },
      requested.signal,
      (progress) => {
        requested.progress?.(progress);
        return 'continue';
      },
    );
    if (requested.signal.aborted) throw new NasError({ code: 'NAS_STOPPED', found: 'stopped on request' });
    return { latency, fingerprint, outcome };
  } finally {
    await pool[Symbol.asyncDispose]();
  }
}
