import { ms } from '../core/index.js';
import { bindingMs, type Done, type LatencyRecord, type NewTrial, type Trial } from '../trials/index.js';
import { savedMs } from './candidates.js';
import { keyOf } from './dimensions.js';
import { selectStep, type Tried } from './select.js';
import { mediansOf } from './binding-constraint.js';
import type { AcceptedStep, Candidate } from './state-schema.js';
import { isTrained, type TrainedTrial, type TryCandidates } from './try-candidates.js';

interface Proposal extends Tried {
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
 * Takes the proposal of greatest ΔAcc/|ΔLatency| and stores it as a trial of kind `netadapt`: its text, weights and
 * accuracy, with the latency of the interleaved session that decided on it, on the scale of its seed's ({@link onScale}). With `longPlan` it is trained further
 * first; should that fail, the proposal's weights stay. Undefined when no proposal was trained to the end.
 * Called again after an interruption it takes the same one and stores nothing twice.
 */
export async function acceptBest(
  work: TryCandidates,
  trials: readonly (Trial | undefined)[],
): Promise<Accepted | undefined> {
  const { parent, candidates } = work;
  const proposals = candidates.flatMap((candidate, index): Proposal[] => {
    const tried = trials[index];
    if (tried === undefined || !isTrained(tried)) return [];
    const accuracyChange = tried.outcome.accuracy - parent.outcome.accuracy;
    return [{ trial: tried.id, accuracyChange, savedMs: savedMs(candidate), candidate, tried }];
  });
  const best = selectStep(proposals);
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
      tried: proposals.length,
    },
    discarded: proposals.map((other) => other.tried.outcome.checkpoint).filter((name) => name !== kept),
  };
}

/**
 * A machine that runs slower this minute than it did when the seed was timed slows the network before and the one after
 * a step equally, for they are timed in turns. So a step's latency is its parent's times the measured ratio: latencies
 * of one lineage compare, despite any drift between their sessions.
 */
function onScale<R extends Omit<LatencyRecord, 'also'>>(record: R, factor: number): R {
  return {
    ...record,
    medianMs: ms(record.medianMs * factor),
    madMs: record.madMs * factor,
    p90Ms: ms(record.p90Ms * factor),
    lowMs: record.lowMs * factor,
    highMs: record.highMs * factor,
    seedFactor: (record.seedFactor ?? 1) * factor,
  };
}

/** The step's latency on every platform, each the parent's there times the ratio that one session measured. */
function lineageLatency(
  parent: LatencyRecord,
  { record, presentMs, before, ...rest }: Candidate,
): LatencyRecord {
  const share = 1 - savedMs({ before, ...rest }) / before.medianMs;
  const parents = mediansOf(parent);
  const alone = parents.length === 1;
  const factor = (platform: number, medianMs: number): number => {
    const present = presentMs[platform] ?? medianMs;
    return ((parents[platform] ?? present) * (alone ? share : medianMs / present)) / medianMs;
  };
  const scaled = onScale(record, factor(0, record.medianMs));
  if (record.also === undefined) return scaled;
  return { ...scaled, also: record.also.map((one, i) => onScale(one, factor(i + 1, one.medianMs))) };
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
