import { maddsOf, paramsOf, parseArchitecture } from '../space/index.js';
import type { Done, Evaluator, NewTrial, Progress, Trial, TrialStore } from '../trials/index.js';
import { savedMs } from './candidates.js';
import type { Candidate } from './state-schema.js';
import { keyOf } from './dimensions.js';
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
  readonly onFinished: (trial: Trial, candidate: Candidate) => void;
}

/**
 * Fine-tunes every candidate from the parent's weights, `evaluator.slots` concurrently, each as a trial of kind
 * `proposal`. One that finished before (an interrupted step) is not trained again; one left running is retried.
 * Returns the trial of each candidate, undefined where none was begun.
 */
export async function tryCandidates(work: TryCandidates): Promise<readonly (Trial | undefined)[]> {
  const known = knownProposals(work);
  const results: (Trial | undefined)[] = work.candidates.map((candidate) => known.get(candidate.text));
  let next = 0;
  const slot = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      const candidate = work.candidates[index];
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
      next = work.candidates.length;
      throw error;
    }),
  );
  // Waits for the other slots too: nothing may write to the store once this has thrown.
  for (const slot of await Promise.allSettled(slots)) if (slot.status === 'rejected') throw slot.reason;
  return results;
}

/** Proposals of this very step by text; ended ones before running ones, stopped ones do not count. */
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

function begin(work: TryCandidates, candidate: Candidate): Trial {
  const { dimension, to, text } = candidate;
  const trial: NewTrial = {
    kind: 'proposal',
    parent: work.parent.id,
    genome: null,
    text,
    ...costsOf(text),
    seed: `${work.seed}/${work.step}/${keyOf(dimension)}/${to}`,
    note: {
      step: work.step,
      targetMs: work.targetMs,
      dimension: keyOf(dimension),
      from: dimension.width,
      to,
      savedMs: savedMs(candidate),
    },
  };
  const [begun] = work.store.begin([trial], work.store.strategyState());
  if (begun === undefined) throw new TypeError('the store began no trial');
  return begun;
}

export function costsOf(text: string): { readonly params: number; readonly madds: number } {
  const architecture = parseArchitecture(text);
  return { params: paramsOf(architecture), madds: maddsOf(architecture) };
}

async function evaluate(work: TryCandidates, trial: Trial, candidate: Candidate): Promise<Trial> {
  const { parent, settings, store, signal } = work;
  const outcome = await work.evaluator.evaluate(
    {
      trial: trial.id,
      text: trial.text,
      seed: trial.seed,
      start: { kind: 'surgery', checkpoint: parent.outcome.checkpoint, text: parent.text },
      plan: settings.plan,
      evaluationSplit: 'validation',
      gateMs: null,
      checkpoint: work.checkpointName(trial.id),
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
