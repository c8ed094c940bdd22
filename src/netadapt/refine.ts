import { faultOf, isAborted, NasError, withoutRetry } from '../core/index.js';
import { parseArchitecture } from '../space/index.js';
import { bindingMs, type LatencyMeter, type Trial } from '../trials/index.js';
import { acceptBest } from './accept.js';
import { findCandidates } from './candidates.js';
import { expectedLoss, type ExpectedLoss } from './expected-loss.js';
import type { EndReason, RefineOptions, RefineResult } from './refine-options.js';
import { curvesAfter } from './removed-block.js';
import type { NetAdaptSettings } from './settings.js';
import { noteKey, stateFromJson, stateToJson, type RefineState } from './state.js';
import type { Candidate } from './state-schema.js';
import { isTrained, tryCandidates, type TrainedTrial, type TryCandidates } from './try-candidates.js';

/**
 * NetAdapt as MobileNetV3 §4.2 has it: shrink a trained network step by step until it meets the target. Each step
 * takes, of all proposals that lower the measured latency by δ, the one with the greatest ΔAcc/|ΔLatency| against the
 * unshrunk network, both after the same short fine-tune (see `StepCriterion`). Progress is noted in the store; called again with the same trial and target, it resumes there.
 * @throws NasError `NAS_NO_WEIGHTS` for a trial that has not been trained to the end or kept no weights
 */
export async function refine(options: RefineOptions): Promise<RefineResult> {
  const run = createRun(options);
  let ending: Ending | undefined;
  try {
    ending = await begin(run);
    while (ending === undefined) ending = await takeStep(run);
  } catch (error) {
    if (!options.signal.aborted || faultOf(error)?.fault === 'transient') throw error;
    ending = INTERRUPTED;
  }
  options.onEvent?.({ type: 'end', ...ending });
  const { state, current } = run;
  const seedMs = state?.seedMs ?? presentMs(run);
  const steps = state?.accepted ?? [];
  return { ...ending, steps, final: current, seedMs, latencyMs: steps.at(-1)?.toMs ?? seedMs };
}

interface Ending {
  readonly reason: EndReason;
  readonly message: string;
}

const INTERRUPTED: Ending = {
  reason: 'interrupted',
  message: 'interrupted; finished proposals are kept and the same call resumes from here',
};

/** A running refinement. `state` is what the store has noted, undefined before the seed was measured. */
interface Run {
  readonly options: RefineOptions;
  readonly start: TrainedTrial;
  state: RefineState | undefined;
  /** The latest of the lineage. */
  current: TrainedTrial;
  /** The longest step so far: a next one is begun only when as much time is left. */
  longestSeconds: number;
}

function createRun(options: RefineOptions): Run {
  const { trial, targetMs, store } = options;
  const start = requireTrained(trial);
  const state = stateFromJson(store.noted(noteKey(trial.id, targetMs)));
  const latest = state?.accepted.at(-1)?.trial;
  const current = latest === undefined ? start : requireTrained(store.trial(latest));
  return { options, start, state, current, longestSeconds: 0 };
}

async function keep(run: Run, state: RefineState): Promise<RefineState> {
  const { trial, targetMs, store, signal, retry = withoutRetry } = run.options;
  await retry.run(() => store.note(noteKey(trial.id, targetMs), stateToJson(state)), signal);
  run.state = state;
  return state;
}

/** Takes the seed's own latency as the scale of the lineage, unless that was done before. */
async function begin(run: Run): Promise<Ending | undefined> {
  const { trial, targetMs, settings, signal, onEvent } = run.options;
  if (isAborted(signal)) return INTERRUPTED;
  const resumed = run.state?.accepted.length ?? 0;
  if (run.state === undefined) {
    await keep(run, {
      seedMs: presentMs(run),
      accepted: [],
      curves: new Map(),
      pending: null,
    });
  }
  const seedMs = run.state?.seedMs ?? 0;
  onEvent?.({
    type: 'start',
    trial: trial.id,
    seedMs,
    targetMs,
    deltaMs: settings.deltaShare * seedMs,
    resumed,
  });
  return undefined;
}

/** One step of the lineage, or why there is none. */
async function takeStep(run: Run): Promise<Ending | undefined> {
  const { targetMs, settings, signal, elapsedSeconds, onEvent } = run.options;
  if (run.state === undefined) throw new TypeError('a step before the seed was measured');
  const { accepted: lineage, seedMs } = run.state;
  const latencyMs = lineage.at(-1)?.toMs ?? seedMs;
  const reached = `${latencyMs.toPrecision(3)} ms reached`;
  if (latencyMs <= targetMs)
    return {
      reason: 'target met',
      message: `${latencyMs.toPrecision(3)} ms meets the target of ${targetMs.toPrecision(3)} ms`,
    };
  if (isAborted(signal)) return INTERRUPTED;
  const step = lineage.length + 1;
  if (step > settings.maxSteps)
    return { reason: 'step limit', message: `${settings.maxSteps} steps taken; ${reached}` };
  const began = elapsedSeconds();
  if (isOver(began + run.longestSeconds, settings))
    return { reason: 'out of time', message: `no time for step ${step}; ${reached}` };

  const found = await candidatesOf(run, run.state, step);
  if (!('state' in found)) return found;
  const { state, candidates } = found;
  onEvent?.({ type: 'candidates', step, candidates });
  const work = workOf(run, step, candidates);
  const tried = await tryCandidates(work);
  if (isAborted(signal)) return INTERRUPTED;
  const accepted = await acceptBest(work, tried);
  if (accepted === undefined)
    return isOver(elapsedSeconds(), settings)
      ? { reason: 'out of time', message: `step ${step} was not finished; ${reached}` }
      : { reason: 'all proposals failed', message: failureOf(tried.proposals) };
  run.current = accepted.trial;
  // Before the step is noted: killed in between, the same files are reported again.
  onEvent?.({ type: 'discarded', checkpoints: accepted.discarded });
  const curves = curvesAfter(state.curves, accepted.step.dimension);
  await keep(run, { ...state, curves, accepted: [...lineage, accepted.step], pending: null });
  onEvent?.({ type: 'accepted', step: accepted.step, trial: accepted.trial });
  run.longestSeconds = Math.max(run.longestSeconds, elapsedSeconds() - began);
  return undefined;
}

/** The step's candidates: noted ones of an interrupted step, else newly measured and noted. */
async function candidatesOf(
  run: Run,
  state: RefineState,
  step: number,
): Promise<Ending | { readonly state: RefineState; readonly candidates: readonly Candidate[] }> {
  if (state.pending !== null) return { state, candidates: state.pending };
  const { settings, signal, onEvent, elapsedSeconds } = run.options;
  const meter: LatencyMeter = {
    measure(texts, stop) {
      onEvent?.({ type: 'measuring', step, networks: texts.length });
      return run.options.meter.measure(texts, stop);
    },
  };
  const timeUp = endOfBudget(elapsedSeconds(), settings);
  const found = await findCandidates({
    architecture: parseArchitecture(run.current.text),
    loss: await lossOf(run),
    curves: state.curves,
    deltaMs: settings.deltaShare * state.seedMs * settings.decay ** (step - 1),
    targetMs: run.options.targetMs,
    presentMs: presentMs(run),
    settings,
    meter,
    signal: AbortSignal.any([signal, timeUp]),
  }).catch((error: unknown) => {
    if (!timeUp.aborted || isAborted(signal)) throw error;
    return null;
  });
  if (isAborted(signal)) return INTERRUPTED;
  if (found === null || timeUp.aborted)
    return { reason: 'out of time', message: `the time was up while step ${step} was being measured` };
  if (found.none !== undefined)
    return {
      reason: 'no significant drop',
      message: `${found.none}; ${presentMs(run).toPrecision(3)} ms reached in ${step - 1} steps, all kept`,
    };
  const next = await keep(run, { ...state, curves: found.curves, pending: found.candidates });
  return { state: next, candidates: found.candidates };
}

/** Undefined where all proposals are tried, or the weights cannot be read. */
async function lossOf({ current, options }: Run): Promise<ExpectedLoss | undefined> {
  const { settings, weightsOf, epsilon = 1e-3 } = options;
  const weights = settings.maxProposals === null ? undefined : await weightsOf?.(current);
  if (weights === undefined) return undefined;
  return expectedLoss(parseArchitecture(current.text), weights, settings.filterCriterion, epsilon);
}

/** Latency of the latest of the lineage, on its binding platform. */
function presentMs({ current, options }: Run): number {
  return bindingMs(current.outcome.latency, options.targetMs);
}

function workOf(run: Run, step: number, candidates: readonly Candidate[]): TryCandidates {
  const { targetMs, settings, store, evaluator, seed, signal, elapsedSeconds, onEvent } = run.options;
  return {
    ...{ step, candidates, targetMs, settings, store, evaluator, seed, signal },
    parent: run.current,
    write: (write) => (run.options.retry ?? withoutRetry).run(write, signal),
    checkpointName: run.options.checkpointName ?? ((trial) => `trial-${trial}.weights`),
    isTimeUp: () => isOver(elapsedSeconds(), settings),
    onProgress: (progress) => {
      onEvent?.({ type: 'progress', progress });
    },
    onFinished: (trial, candidate) => {
      onEvent?.(
        candidate === null ? { type: 'control', step, trial } : { type: 'proposal', step, trial, candidate },
      );
    },
  };
}

function isOver(seconds: number, settings: NetAdaptSettings): boolean {
  return settings.budgetSeconds !== null && seconds > settings.budgetSeconds;
}

/** Aborted when the time is up. */
function endOfBudget(elapsedSeconds: number, { budgetSeconds }: NetAdaptSettings): AbortSignal {
  const never = new AbortController().signal;
  if (budgetSeconds === null) return never;
  const leftMs = Math.ceil(Math.max(0, 1000 * (budgetSeconds - elapsedSeconds)));
  return leftMs < LONGEST_TIMER_MS ? AbortSignal.timeout(leftMs) : never;
}

/** A longer timer would end immediately. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function failureOf(tried: readonly (Trial | undefined)[]): string {
  const reasons = tried.flatMap((trial) =>
    trial?.outcome && 'reason' in trial.outcome ? [trial.outcome.reason] : [],
  );
  return `all ${tried.length} proposals failed; the first: ${reasons[0] ?? 'kept no weights'}`;
}

function requireTrained(trial: Trial | undefined): TrainedTrial {
  if (trial !== undefined && isTrained(trial)) return trial;
  throw new NasError({
    code: 'NAS_NO_WEIGHTS',
    found: trial === undefined ? 'a trial that is not in the study' : `trial ${trial.id} (${trial.state})`,
    expected: 'a trial trained to the end whose weights were kept',
    fix: 'choose one of nas frontier',
  });
}
