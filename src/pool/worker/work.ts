import { NasError, messageOf, stopwatch } from '../../core/index.js';
import type { Job, LatencyRecord, Outcome, Progress, TimingEffort } from '../../trials/index.js';
import type { FromHost, ToHost } from '../messages.js';
import { deserializeError } from '../serialized-error.js';

/** An answer of the host that ends a task. */
export type Answer = Extract<FromHost, { kind: 'outcome' | 'unevaluated' | 'measured' | 'unmeasured' }>;

/** Something the host is to do, from its order to its end. */
export interface Work {
  readonly id: number;
  readonly kind: 'evaluate' | 'measure';
  /** Attempts that ended with the death of their host, or that did not get on. */
  crashes: number;
  /** Why it was asked to stop. */
  stop: string | null;
  /** Why the host was ended on its account. */
  killReason: string | null;
  watch: NodeJS.Timeout | undefined;
  order(): ToHost;
  progress(progress: Progress): 'continue' | 'stop';
  answered(answer: Answer): void;
  stopped(reason: string): void;
  /** @param error why no host can be kept up, so that nothing could be evaluated; null where the work itself is at fault */
  failed(reason: string, error: NasError | null): void;
}

const fresh = { crashes: 0, stop: null, killReason: null, watch: undefined };

export function evaluation(
  id: number,
  job: Job,
  progress: Work['progress'],
  settle: (outcome: Outcome) => void,
  reject: (error: NasError) => void,
): Work {
  const elapsed = stopwatch();
  const short = (state: 'stopped' | 'failed', reason: string): Outcome => ({
    state,
    reason,
    latency: null,
    curve: [],
    seconds: elapsed() / 1000,
  });
  return {
    ...fresh,
    id,
    kind: 'evaluate',
    progress,
    order() {
      return { kind: 'evaluate', id, attempt: this.crashes + 1, job };
    },
    answered(answer) {
      if (answer.kind === 'outcome') settle(answer.outcome);
      else if (answer.kind === 'unevaluated') reject(deserializeError(answer.serializedError));
      else settle(short('failed', `the host answered ${answer.kind}`));
    },
    stopped: (reason) => settle(short('stopped', reason)),
    failed: (reason, error) => (error === null ? settle(short('failed', reason)) : reject(error)),
  };
}

export function measurement(
  id: number,
  texts: readonly string[],
  effort: TimingEffort,
  resolve: (records: readonly LatencyRecord[]) => void,
  reject: (error: unknown) => void,
): Work {
  const stopped = (reason: string) =>
    reject(new NasError({ code: 'NAS_STOPPED', found: `stopped: ${reason}` }));
  return {
    ...fresh,
    id,
    kind: 'measure',
    progress: () => 'continue',
    order() {
      return { kind: 'measure', id, attempt: this.crashes + 1, texts: [...texts], effort };
    },
    answered(answer) {
      if (answer.kind === 'unmeasured') reject(deserializeError(answer.serializedError));
      else if (answer.kind === 'measured' && answer.records !== null) resolve(answer.records);
      else stopped(this.stop ?? 'the measurement ended early');
    },
    stopped,
    failed: (reason, error) => reject(error ?? new NasError({ code: 'NAS_MEASUREMENT', found: reason })),
  };
}

/** Why a signal was aborted, in one line. */
export function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  if (typeof reason === 'string') return reason;
  if (reason instanceof Error && reason.name !== 'AbortError') return messageOf(reason);
  return 'stopped on request';
}
