import type { LatencyRecord, Outcome } from './trial.js';

/** How long and how a candidate is trained; every figure may be a fraction of the study's recipe. */
export interface TrainingPlan {
  readonly epochs: number;
  /** Ends training after so many steps even inside an epoch; null for none. */
  readonly maxSteps: number | null;
  /**
   * Wall-clock seconds of training, judging not included: after some steps their pace is known and the number of steps
   * is set by it, so that the schedule still comes to its end. Such a training is not repeatable. None when left out.
   */
  readonly maxSeconds?: number | null;
  /** Peak learning rate. */
  readonly learningRate: number;
  readonly schedule: 'cosine' | 'exponential' | 'constant';
  readonly warmupEpochs: number;
}

/** Where the first weights come from. `surgery`: a checkpoint of architecture `text`, cut to fit by largest L2 norm. */
export type Start =
  | { readonly kind: 'random' }
  | { readonly kind: 'surgery'; readonly checkpoint: string; readonly text: string };

/** One candidate to train and time; plain data that crosses processes. */
export interface Job {
  readonly trial: number;
  /** Text form of the architecture. */
  readonly text: string;
  /** Path of the trial's random stream; the seed of everything random in it. */
  readonly seed: string;
  readonly start: Start;
  readonly plan: TrainingPlan;
  /** `validation`: trained on the training part, judged on the held-out part; `test`: trained on both, judged on the test set. */
  readonly judge: 'validation' | 'test';
  /** Timed first; above this limit the outcome is `infeasible` without training. null: no limit. */
  readonly gateMs: number | null;
  /** The target that `gateMs` is a multiple of: the same multiple holds for the targets of further platforms. */
  readonly targetMs?: number;
  /** File name in the study's checkpoints folder to write the trained weights to; null to keep none. */
  readonly checkpoint: string | null;
  /** Wall-clock limit in seconds; a hung worker is ended after it. */
  readonly deadlineSeconds: number;
  /** A latency of this architecture that is known already; it is then not timed again. */
  readonly latency?: LatencyRecord | null;
}

export interface Progress {
  readonly trial: number;
  readonly phase: 'waiting' | 'compiling' | 'timing' | 'training' | 'evaluating';
  /** Share done, 0 … 1. */
  readonly done: number;
  readonly loss: number | null;
  readonly accuracy: number | null;
}

/**
 * Evaluates candidates; search and NetAdapt know only this. Never rejects for what may happen to a candidate.
 * A rejection with NasError says that no candidate can be evaluated: it ends the search, and the trial stays to be
 * evaluated when that is mended. Any other one is taken for a fault met at this candidate: the trial fails with it.
 * An aborted signal ends the job between two steps with outcome `stopped`.
 */
export interface Evaluator extends AsyncDisposable {
  /** How many jobs run at once. */
  readonly slots: number;
  evaluate(
    job: Job,
    signal: AbortSignal,
    progress: (progress: Progress) => 'continue' | 'stop',
  ): Promise<Outcome>;
}

/** Times architectures without training them, on the study's platform in the quiet lane; start weights are random. */
export interface LatencyMeter {
  /** Times all of them interleaved in one session, so that a drift of the machine meets all alike; results in order. */
  measure(texts: readonly string[], signal: AbortSignal): Promise<readonly LatencyRecord[]>;
}
