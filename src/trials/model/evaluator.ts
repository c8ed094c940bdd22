import type { Job, LatencyRecord, Outcome, Progress, TimingEffort } from '../schema/index.js';

/**
 * Evaluates candidates; search and NetAdapt know only this. Never rejects for what may happen to a candidate.
 * A rejection with NasError says that no candidate can be evaluated: it ends the search, and the trial stays to be
 * evaluated when that is fixed. Any other one is taken for a fault met at this candidate: the trial fails with it.
 * An aborted signal ends the job between two steps with outcome `stopped`.
 */
export interface Evaluator extends AsyncDisposable {
  /** How many jobs run concurrently. */
  readonly slots: number;
  evaluate(
    job: Job,
    signal: AbortSignal,
    progress: (progress: Progress) => 'continue' | 'stop',
  ): Promise<Outcome>;
}

/** Times architectures without training them, on the study's platform under the timing lock; start weights are random. */
export interface LatencyMeter {
  /**
   * Times all of them interleaved in one session, so that a drift of the machine affects all equally; results in order.
   * @param effort `full` unless given
   */
  measure(
    texts: readonly string[],
    signal: AbortSignal,
    effort?: TimingEffort,
  ): Promise<readonly LatencyRecord[]>;
}
