import type { Job, LatencyRecord, Outcome, Progress } from '../schema/index.js';

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
