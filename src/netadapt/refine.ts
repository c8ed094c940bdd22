import { NasError } from '../core/index.js';
import { parseArchitecture } from '../space/index.js';
import type { Evaluator, LatencyMeter, Progress, Trial, TrialStore } from '../trials/index.js';
import { acceptBest } from './accept.js';
import { findCandidates, type Candidate } from './candidates.js';
import type { NetAdaptSettings } from './settings.js';
import { noteKey, stateFromJson, stateToJson, type AcceptedStep, type RefineState } from './state.js';
import { isTrained, tryCandidates, type TrainedTrial } from './try-candidates.js';

/** Why a refinement ended. */
export type EndReason =
  | 'target met'
  | 'no significant drop'
  | 'all proposals failed'
  | 'out of time'
  | 'step limit'
  | 'interrupted';

/** What happens during a refinement, in order; for progress lines and for tidying up. */
export type RefineEvent =
  | {
      readonly type: 'start';
      readonly trial: number;
      readonly seedMs: number;
      readonly targetMs: number;
      readonly deltaMs: number;
      /** Steps accepted before an interruption. */
      readonly resumed: number;
    }
  | {
      readonly type: 'candidates';
      readonly step: number;
      readonly candidates: readonly Candidate[];
    }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'proposal'; readonly step: number; readonly trial: Trial; readonly candidate: Candidate }
  | { readonly type: 'accepted'; readonly step: AcceptedStep; readonly trial: Trial }
  /** Files in the checkpoints folder that nothing needs any more. */
  | { readonly type: 'discarded'; readonly checkpoints: readonly string[] }
  | { readonly type: 'end'; readonly reason: EndReason; readonly message: string };

export interface RefineOptions {
  /** A trained trial with its weights. */
  readonly trial: Trial;
  readonly targetMs: number;
  readonly store: TrialStore;
  readonly evaluator: Evaluator;
  readonly meter: LatencyMeter;
  readonly settings: NetAdaptSettings;
  /** Path below which proposals have their random streams, e.g. `7/netadapt/12`. */
  readonly seed: string;
  readonly signal: AbortSignal;
  /** Seconds since the refinement's budget began to run. */
  readonly elapsedSeconds: () => number;
  readonly onEvent?: (event: RefineEvent) => void;
  /** Name of a trial's file in the checkpoints folder. @default `trial-<id>.weights` */
  readonly checkpointName?: (trial: number) => string;
}

export interface RefineResult {
  readonly reason: EndReason;
  /** The reason in a sentence, with what to do about it. */
  readonly message: string;
  /** The family: one network per accepted step, each with its parent. */
  readonly steps: readonly AcceptedStep[];
  /** The last of the family; the trial it started from when no step was accepted. */
  readonly final: Trial;
  /** Latency of the seed and of the final network as the meter measured them. */
  readonly seedMs: number;
  readonly latencyMs: number;
}

/**
 * NetAdapt as MobileNetV3 §4.2 has it: shrink a trained network step by step until it meets the target. Each step
 * takes, of all proposals that lower the measured latency by δ, the one with the greatest ΔAcc/|ΔLatency| after a
 * short fine-tune. Progress is noted in the store; called again with the same trial and target, it goes on there.
 * @throws NasError `NAS_NO_WEIGHTS` for a trial that has not been trained to the end or kept no weights
 */
export async function refine(options: RefineOptions): Promise<RefineResult> {
  const { trial, targetMs, store, settings, signal, elapsedSeconds, onEvent = () => {} } = options;
  const start = requireTrained(trial);
  const key = noteKey(trial.id, targetMs);
  const keep = (next: RefineState): RefineState => {
    store.note(key, stateToJson(next));
    return next;
  };
  let state = stateFromJson(store.noted(key)) ?? undefined;
  const resumed = state?.accepted.length ?? 0;
  let current = start;
  for (const { trial: id } of state?.accepted ?? []) current = requireTrained(store.trial(id));

  const end = (reason: EndReason, message: string): RefineResult => {
    onEvent({ type: 'end', reason, message });
    const seedMs = state?.seedMs ?? start.outcome.latency.medianMs;
    const steps = state?.accepted ?? [];
    return { reason, message, steps, final: current, seedMs, latencyMs: steps.at(-1)?.toMs ?? seedMs };
  };
  const interrupted = () =>
    end('interrupted', 'interrupted; finished proposals are kept and the same call goes on from here');

  try {
    if (signal.aborted) return interrupted();
    if (state === undefined) {
      const [record] = await options.meter.measure([trial.text], signal);
      if (record === undefined) throw new TypeError('the meter gave no record');
      state = keep({ seedMs: record.medianMs, accepted: [], curves: new Map(), pending: null });
    }
    const firstDelta = settings.deltaShare * state.seedMs;
    onEvent({
      type: 'start',
      trial: trial.id,
      seedMs: state.seedMs,
      targetMs,
      deltaMs: firstDelta,
      resumed,
    });
    let longestStep = 0;
    for (;;) {
      const latencyMs = state.accepted.at(-1)?.toMs ?? state.seedMs;
      if (latencyMs <= targetMs)
        return end('target met', `${latencyMs.toPrecision(3)} ms meets the target of ${targetMs} ms`);
      if (signal.aborted) return interrupted();
      const step = state.accepted.length + 1;
      if (step > settings.maxSteps)
        return end('step limit', `${settings.maxSteps} steps taken, ${latencyMs.toPrecision(3)} ms reached`);
      const began = elapsedSeconds();
      if (isOver(began + longestStep, settings))
        return end('out of time', `no time for step ${step}; ${latencyMs.toPrecision(3)} ms reached`);

      if (state.pending === null) {
        const found = await findCandidates({
          architecture: parseArchitecture(current.text),
          curves: state.curves,
          deltaMs: firstDelta * settings.decay ** (step - 1),
          settings,
          meter: options.meter,
          signal,
        });
        if (signal.aborted) return interrupted();
        if (found.none !== undefined) return end('no significant drop', found.none);
        state = keep({ ...state, curves: found.curves, pending: found.candidates });
      }
      const candidates = state.pending ?? [];
      onEvent({ type: 'candidates', step, candidates });
      const work = {
        step,
        parent: current,
        targetMs,
        candidates,
        settings,
        store,
        evaluator: options.evaluator,
        seed: options.seed,
        checkpointName: options.checkpointName ?? ((id: number) => `trial-${id}.weights`),
        signal,
        isTimeUp: () => isOver(elapsedSeconds(), settings),
        onProgress: (progress: Progress) => {
          onEvent({ type: 'progress', progress });
        },
        onFinished: (finished: Trial, candidate: Candidate) => {
          onEvent({ type: 'proposal', step, trial: finished, candidate });
        },
      };
      const tried = await tryCandidates(work);
      if (signal.aborted) return interrupted();
      const accepted = await acceptBest(work, tried);
      if (accepted === undefined) {
        if (isOver(elapsedSeconds(), settings))
          return end('out of time', `step ${step} was not finished; ${latencyMs.toPrecision(3)} ms reached`);
        return end('all proposals failed', failureOf(tried));
      }
      current = accepted.trial;
      state = keep({ ...state, accepted: [...state.accepted, accepted.step], pending: null });
      onEvent({ type: 'accepted', step: accepted.step, trial: accepted.trial });
      onEvent({ type: 'discarded', checkpoints: accepted.discarded });
      longestStep = Math.max(longestStep, elapsedSeconds() - began);
    }
  } catch (error) {
    if (signal.aborted) return interrupted();
    throw error;
  }
}

function isOver(seconds: number, settings: NetAdaptSettings): boolean {
  return settings.budgetSeconds !== null && seconds > settings.budgetSeconds;
}

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
