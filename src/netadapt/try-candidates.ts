import type { FilterCriterion } from '../network/index.js';
import { costsOf, parseArchitecture } from '../space/index.js';
import {
  FILTER_CRITERIA,
  type Done,
  type Evaluator,
  type NewTrial,
  type Progress,
  type Trial,
  type TrialStore,
} from '../trials/index.js';
import { savedMs } from './candidates.js';
import { lineageLatency } from './lineage-latency.js';
import type { Candidate } from './state-schema.js';
import { keyOf } from './dimensions.js';
import { removedBlock } from './removed-block.js';
import type { NetAdaptSettings } from './settings.js';

/** A trial with its done outcome and its weights. */
export interface TrainedTrial extends Trial {
  readonly outcome: Done & { readonly checkpoint: string };
}

export function isTrained(trial: Trial): trial is TrainedTrial {
  return trial.outcome?.state === 'done' && trial.outcome.checkpoint !== null;
}

export interface TryCandidates {
  readonly step: number;
  readonly parent: TrainedTrial;
  readonly targetMs: number;
  readonly candidates: readonly Candidate[];
  readonly settings: NetAdaptSettings;
  readonly store: TrialStore;
  /** Runs what writes to the store. */
  readonly write: <T>(run: () => T) => Promise<T>;
  readonly evaluator: Evaluator;
  /** Path below which each proposal has its random stream. */
  readonly seed: string;
  readonly checkpointName: (trial: number) => string;
  readonly signal: AbortSignal;
  /** Whether no time is left: nothing more is begun, what runs is stopped. */
  readonly isTimeUp: () => boolean;
  readonly onProgress: (progress: Progress) => void;
  /** Without a candidate: the control. */
  readonly onFinished: (trial: Trial, candidate: Candidate | null) => void;
}

/** What a step trained. */
export interface TriedCandidates {
  /** The unshrunk network trained as the proposals are; undefined when none was begun. */
  readonly control: Trial | undefined;
  /** The trial of each candidate, undefined where none was begun. */
  readonly proposals: readonly (Trial | undefined)[];
}

/**
 * Fine-tunes the unshrunk parent – the control – and every candidate from the parent's weights: equally long, on the same
 * batches in the same order, so that they differ by what was cut and not by what training adds. `evaluator.slots`
 * run concurrently, the control first, each as a trial of kind `proposal`. One that finished before (an interrupted step) is
 * not trained again; one left running is retried.
 */
export async function tryCandidates(work: TryCandidates): Promise<TriedCandidates> {
  const known = knownProposals(work);
  const candidates = [null, ...work.candidates];
  const results = candidates.map((candidate) => known.get(textOf(work, candidate)));
  let next = 0;
  const slot = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      const candidate = candidates[index];
      if (candidate === undefined) return;
      const before = results[index];
      if (before !== undefined && before.state !== 'running') continue;
      if (work.signal.aborted || work.isTimeUp()) continue;
      const trial = await work.write(() =>
        before === undefined ? begin(work, candidate) : work.store.retry(before.id),
      );
      results[index] = await evaluate(work, trial, candidate);
    }
  };
  const slots = Array.from({ length: Math.max(1, work.evaluator.slots) }, () =>
    slot().catch((error: unknown) => {
      next = candidates.length;
      throw error;
    }),
  );
  // Waits for the other slots too: nothing may write to the store once this has thrown.
  for (const slot of await Promise.allSettled(slots)) if (slot.status === 'rejected') throw slot.reason;
  const [control, ...proposals] = results;
  return { control, proposals };
}

function textOf({ parent }: TryCandidates, candidate: Candidate | null): string {
  return candidate?.text ?? parent.text;
}

/** Trials of this very step by text; ended ones before running ones, stopped ones do not count. */
function knownProposals({ store, parent, step, targetMs }: TryCandidates): ReadonlyMap<string, Trial> {
  const known = new Map<string, Trial>();
  for (const trial of store.trials({ kinds: ['proposal'], parent: parent.id })) {
    const { note } = trial;
    if (trial.state === 'stopped' || note === null || typeof note !== 'object' || !('step' in note)) continue;
    if (note.step !== step || note.targetMs !== targetMs) continue;
    const other = known.get(trial.text);
    if (other === undefined || other.state === 'running') known.set(trial.text, trial);
  }
  return known;
}

function begin(work: TryCandidates, candidate: Candidate | null): Trial {
  const text = textOf(work, candidate);
  const trial: NewTrial = {
    kind: 'proposal',
    parent: work.parent.id,
    genome: null,
    text,
    ...costsOf(parseArchitecture(text)),
    // One stream for the whole step: order, crops and dropout are the same for all.
    seed: `${work.seed}/${work.step}`,
    note: {
      step: work.step,
      targetMs: work.targetMs,
      filters: work.settings.filterCriterion,
      ...(candidate ? changeOf(candidate) : { control: true }),
    },
  };
  const [begun] = work.store.begin([trial], work.store.strategyState());
  if (begun === undefined) throw new TypeError('the store began no trial');
  return begun;
}

function changeOf(candidate: Candidate) {
  const { dimension, to } = candidate;
  return { dimension: keyOf(dimension), from: dimension.width, to, savedMs: savedMs(candidate) };
}

async function evaluate(work: TryCandidates, trial: Trial, candidate: Candidate | null): Promise<Trial> {
  const { parent, settings, store, signal } = work;
  const { latency } = parent.outcome;
  const outcome = await work.evaluator.evaluate(
    {
      trial: trial.id,
      text: trial.text,
      seed: trial.seed,
      start: {
        ...{ kind: 'surgery', checkpoint: parent.outcome.checkpoint, text: parent.text },
        ...surgeryOf(trial),
      },
      plan: settings.plan,
      evaluationSplit: 'validation',
      gateMs: null,
      // Nothing continues from the control.
      checkpoint: candidate === null ? null : work.checkpointName(trial.id),
      latency: candidate === null ? latency : lineageLatency(latency, candidate),
    },
    signal,
    (progress) => {
      work.onProgress(progress);
      return signal.aborted || work.isTimeUp() ? 'stop' : 'continue';
    },
  );
  const finished = await work.write(() => store.finish(trial.id, outcome, null, store.strategyState()));
  work.onFinished(finished, candidate);
  return finished;
}

/**
 * By which criterion a proposal's filters were kept, and the block that it lacks: it is retried and replayed likewise. Nothing in
 * earlier versions.
 */
export function surgeryOf({ note }: Trial): {
  readonly criterion?: FilterCriterion;
  readonly without?: number;
} {
  if (note === null || typeof note !== 'object' || !('filters' in note)) return {};
  const criterion = FILTER_CRITERIA.find((one) => one === note.filters);
  const without = 'dimension' in note ? removedBlock(note.dimension) : undefined;
  return { ...(criterion && { criterion }), ...(without === undefined ? {} : { without }) };
}
