import type { Platform } from '../../latency/index.js';
import type { Job, LatencyRecord, Outcome, Progress, TimingEffort } from '../../trials/index.js';
import type { TimingLockPlace } from '../worker/timing-lock.js';

/** What a worker's work hears from outside and reports. */
export interface Control {
  readonly timingLock: TimingLockPlace;
  /** True as soon as the work is to end; asked between steps. */
  stop(): boolean;
  progress(progress: Omit<Progress, 'trial'>): void;
  /** Says that something was done. Asking `stop` and reporting progress say so too; work that does neither for `idleSeconds` is ended. */
  alive(): void;
}

/** What latencies are measured on: the first platform's device, and those of further ones. */
export type Devices = Pick<Platform, 'fingerprint' | 'further'>;

/**
 * What one worker thread can do; the thread's own, used for one thing at a time. Closing it closes what it opened: the
 * backend, browsers, turns at agents, temporary folders.
 */
export interface Engine extends AsyncDisposable {
  /**
   * Uses everything once, so that later threads meet no name for the first time together; resolves to what latencies
   * are of.
   */
  warmUp(): Promise<Devices>;
  /** May throw: a thrown error fails the job, not the worker. */
  evaluate(job: Job, attempt: number, control: Control): Promise<Outcome>;
  /** Interleaved in one session; null when it was stopped. */
  measure(
    texts: readonly string[],
    attempt: number,
    control: Control,
    effort: TimingEffort,
  ): Promise<readonly LatencyRecord[] | null>;
}
