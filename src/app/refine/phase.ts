import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { isNasError, NasError, readPlainFile, stopwatch } from '../../core/index.js';
import {
  DEFAULT_FILTER_CRITERION,
  DEFAULT_SETTINGS,
  DEFAULT_STEP_CRITERION,
  PAPER_KINDS,
  refine,
  weightsToBegin,
  type RefineResult,
} from '../../netadapt/index.js';
import { bestUnder, collectRows, frontier, type Trial, type TrialReader } from '../../trials/index.js';
import { checkpointName } from '../study/checkpoint-name.js';
import { ownPath } from '../study/own-path.js';
import { endOrphans, isOfRefinement } from '../study/orphans.js';
import type { Listener } from '../events.js';
import { statusWriter } from '../study/status.js';
import type { Session } from '../study/session.js';
import { shrinkingWarnings } from './coverage.js';
import { buildNetwork, decodeWeights, type Weights } from '../../network/index.js';
import { parseArchitecture } from '../../space/index.js';
import { weightsFile } from '../study/weights.js';

export interface RefinePhaseOptions {
  /** The trial to shrink. */
  readonly trial: number;
  readonly targetMs: number;
  /** Wall-clock limit; null for none. */
  readonly seconds: number | null;
  readonly steps?: number | undefined;
}

/**
 * Shrinks one trial by NetAdapt until it meets the target; resumes where an earlier call was interrupted.
 * @throws NasError `NAS_TRIAL_MISSING`, `NAS_NO_WEIGHTS`, `NAS_WEIGHTS_PRUNED`, `NAS_TABLE_RANGE`, and what the host finds
 */
export async function refinePhase(
  session: Session,
  requested: RefinePhaseOptions,
  listen: Listener,
): Promise<RefineResult> {
  const { spec, store, signal } = session;
  const trial = await session.onStudyDevice(requireTrial(store, requested.trial));
  requireWeights(session, trial, requested.targetMs);
  const elapsed = stopwatch();
  endOrphans(store, (left) => isOfRefinement(store, left, trial.id, requested.targetMs));
  const pool = await session.pool();
  const seedMs = trial.outcome?.latency?.medianMs;
  const warnings = await shrinkingWarnings(spec.latency, {
    what: `trial ${trial.id}`,
    seed: parseArchitecture(trial.text),
    share: seedMs === undefined ? null : requested.targetMs / seedMs,
    settings: { ...DEFAULT_SETTINGS, kinds: spec.refine.dimensions ?? PAPER_KINDS },
  });
  for (const warning of warnings) listen({ phase: 'prepare', text: `warning: ${warning}` });
  using live = statusWriter(store, 'netadapt', listen);
  const result = await refine({
    trial,
    targetMs: requested.targetMs,
    store,
    evaluator: pool,
    meter: pool,
    settings: {
      ...DEFAULT_SETTINGS,
      deltaShare: spec.refine.delta,
      maxProposals: spec.refine.proposals,
      kinds: spec.refine.dimensions ?? PAPER_KINDS,
      filterCriterion: spec.refine.criterion ?? DEFAULT_FILTER_CRITERION,
      stepCriterion: spec.refine.stepCriterion ?? DEFAULT_STEP_CRITERION,
      plan: spec.refine.finetune,
      budgetSeconds: requested.seconds,
      ...(requested.steps === undefined ? {} : { maxSteps: requested.steps }),
    },
    weightsOf: (one) => weightsOf(session, one),
    epsilon: spec.recipe.norm.epsilon,
    seed: `${spec.seed}/netadapt/${trial.id}`,
    signal,
    retry: session.retry,
    elapsedSeconds: () => elapsed() / 1000,
    checkpointName,
    onEvent: (event) => {
      if (event.type === 'discarded') {
        for (const file of event.checkpoints) {
          rmSync(ownPath(session.folder, 'checkpoints', basename(file)), { force: true });
        }
      }
      live.listen({ phase: 'refine', event });
    },
  });
  if (result.reason !== 'interrupted') endOrphans(store);
  return result;
}

/** Undefined where the file is none of a network's weights, as those of the test double. */
async function weightsOf({ folder, store }: Session, trial: Trial): Promise<Weights | undefined> {
  const checkpoint = trial.outcome?.state === 'done' ? trial.outcome.checkpoint : null;
  if (checkpoint === null) return undefined;
  const bytes = await readPlainFile(weightsFile(folder, store, checkpoint, trial.id));
  try {
    return decodeWeights(bytes, buildNetwork(parseArchitecture(trial.text)));
  } catch (error) {
    if (isNasError(error)) return undefined;
    throw error;
  }
}

/** A host takes seconds to start, so what it would not find is reported before. A trial that never had weights is not asked. */
function requireWeights({ folder, store }: Session, seed: Trial, targetMs: number): void {
  const begin = weightsToBegin(store, seed, targetMs);
  const outcome = begin === undefined ? undefined : store.trial(begin)?.outcome;
  if (begin === undefined || outcome?.state !== 'done' || outcome.checkpoint === null) return;
  weightsFile(folder, store, outcome.checkpoint, begin);
}

/**
 * The trial that NetAdapt starts from when none is named: the most accurate within the study's target, or the fastest
 * one of the frontier when none meets it.
 * @throws NasError `NAS_NO_BEST` when no trial was trained to the end
 */
export async function bestSeed(reader: TrialReader, targetMs: number): Promise<number> {
  const rows = await collectRows(reader, { kinds: ['sample'], states: ['done'] });
  const best = bestUnder(rows, targetMs) ?? frontier(rows)[0];
  if (best !== undefined) return best.trial;
  throw new NasError({
    code: 'NAS_NO_BEST',
    found: `study ${reader.study.name} has no trial that was trained to the end`,
    fix: `nas search --study ${reader.study.name} --resume`,
  });
}

/** @throws NasError `NAS_TRIAL_MISSING` */
export function requireTrial(reader: TrialReader, id: number): Trial {
  const trial = reader.trial(id);
  if (trial !== undefined) return trial;
  throw new NasError({
    code: 'NAS_TRIAL_MISSING',
    found: `no trial ${id} in study ${reader.study.name}`,
    fix: `nas trials ${reader.study.name} lists them`,
  });
}
