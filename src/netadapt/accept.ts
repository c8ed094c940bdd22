import { bindingMs, heldOutLoss, type Done, type NewTrial, type Trial } from '../trials/index.js';
import { savedMs } from './candidates.js';
import { keyOf } from './dimensions.js';
import { selectStep, type Tried } from './select.js';
import { lineageLatency } from './lineage-latency.js';
import type { AcceptedStep, Candidate } from './state-schema.js';
import { isTrained, type TrainedTrial, type TriedCandidates, type TryCandidates } from './try-candidates.js';

interface Proposal extends Tried {
  readonly lossChange: number | null;
  readonly candidate: Candidate;
  readonly tried: TrainedTrial;
}

export interface Accepted {
  readonly step: AcceptedStep;
  readonly trial: TrainedTrial;
  /** Weights of the proposals that were not taken: nothing needs them any more. */
  readonly discarded: readonly string[];
}

/**
 * Takes the proposal that the step's criterion prefers, compared with the control, and stores it as a trial of kind `netadapt`: its text, weights and
 * accuracy, with the latency of the interleaved session that decided on it, on the scale of its seed's ({@link onScale}). With `longPlan` it is trained further
 * first; should that fail, the proposal's weights stay. Undefined when no proposal was trained to the end.
 * Called again after an interruption it takes the same one and stores nothing twice.
 */
export async function acceptBest(
  work: TryCandidates,
  { control, proposals: trials }: TriedCandidates,
): Promise<Accepted | undefined> {
  const { parent, candidates, settings } = work;
  const reference = control?.outcome?.state === 'done' ? control : parent;
  const proposals = candidates.flatMap((candidate, index): Proposal[] => {
    const tried = trials[index];
    if (tried === undefined || !isTrained(tried)) return [];
    const change = changeAgainst(reference, tried);
    return [{ trial: tried.id, ...change, savedMs: savedMs(candidate), candidate, tried }];
  });
  const best = selectStep(proposals, settings.stepCriterion);
  if (best === undefined) return undefined;
  const row = storedStep(work, best) ?? (await work.write(() => beginStep(work, best)));
  const trial = row.state === 'running' ? await finish(work, row, best) : row;
  if (!isTrained(trial)) throw new TypeError(`trial ${trial.id} was accepted without weights`);
  const { candidate } = best;
  const kept = trial.outcome.checkpoint;
  return {
    trial,
    step: {
      step: work.step,
      trial: trial.id,
      proposal: best.trial,
      dimension: keyOf(candidate.dimension),
      from: candidate.dimension.width,
      to: candidate.to,
      fromMs: bindingMs(work.parent.outcome.latency, work.targetMs),
      toMs: bindingMs(trial.outcome.latency, work.targetMs),
      accuracyChange: best.accuracyChange,
      ...(best.lossChange === null ? {} : { lossChange: best.lossChange }),
      ...(reference === control ? { control: control.id } : {}),
      tried: proposals.length,
    },
    discarded: proposals.map((other) => other.tried.outcome.checkpoint).filter((name) => name !== kept),
  };
}

/** What shrinking cost: against a control that failed nothing better is known than the parent as it was. */
function changeAgainst(reference: Trial, tried: TrainedTrial) {
  const { outcome } = reference;
  if (outcome?.state !== 'done') throw new TypeError(`trial ${reference.id} is no reference`);
  const [before, after] = [heldOutLoss(outcome), heldOutLoss(tried.outcome)];
  return {
    accuracyChange: tried.outcome.accuracy - outcome.accuracy,
    lossChange: before === null || after === null ? null : after - before,
  };
}

function storedStep({ store, parent }: TryCandidates, best: Proposal): Trial | undefined {
  for (const trial of store.trials({ kinds: ['netadapt'], parent: parent.id })) {
    const { note } = trial;
    if (note === null || typeof note !== 'object' || !('proposal' in note)) continue;
    if (note.proposal === best.trial && (trial.state === 'running' || isTrained(trial))) return trial;
  }
  return undefined;
}

function beginStep(work: TryCandidates, best: Proposal): Trial {
  const { candidate, tried } = best;
  const trial: NewTrial = {
    kind: 'netadapt',
    parent: work.parent.id,
    genome: null,
    text: tried.text,
    params: tried.params,
    madds: tried.madds,
    seed: `${tried.seed}/long`,
    note: {
      step: work.step,
      targetMs: work.targetMs,
      proposal: best.trial,
      dimension: keyOf(candidate.dimension),
      from: candidate.dimension.width,
      to: candidate.to,
      savedMs: best.savedMs,
      accuracyChange: best.accuracyChange,
      lossChange: best.lossChange,
    },
  };
  const [begun] = work.store.begin([trial], work.store.strategyState());
  if (begun === undefined) throw new TypeError('the store began no trial');
  return begun;
}

async function finish(work: TryCandidates, row: Trial, best: Proposal): Promise<Trial> {
  const { store, write } = work;
  const outcome = await outcomeOf(work, row, best);
  return write(() => store.finish(row.id, outcome, null, store.strategyState()));
}

async function outcomeOf(work: TryCandidates, row: Trial, best: Proposal): Promise<Done> {
  const { settings, signal } = work;
  const latency = lineageLatency(work.parent.outcome.latency, best.candidate);
  const short: Done = { ...best.tried.outcome, latency };
  if (settings.longPlan === null || signal.aborted || work.isTimeUp()) return short;
  const outcome = await work.evaluator.evaluate(
    {
      trial: row.id,
      text: row.text,
      seed: row.seed,
      start: { kind: 'surgery', checkpoint: best.tried.outcome.checkpoint, text: row.text },
      plan: settings.longPlan,
      evaluationSplit: 'validation',
      gateMs: null,
      checkpoint: work.checkpointName(row.id),
    },
    signal,
    (progress) => {
      work.onProgress(progress);
      return signal.aborted || work.isTimeUp() ? 'stop' : 'continue';
    },
  );
  return outcome.state === 'done' && outcome.checkpoint !== null ? { ...outcome, latency } : short;
}
