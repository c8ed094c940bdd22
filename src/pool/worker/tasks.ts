import type { DataSet } from '../../data/index.js';
import type { Devices } from '../engine/engine.js';
import type { Job, LatencyRecord, Outcome, Progress, TimingEffort } from '../../trials/index.js';
import type { SerializedError } from '../messages.js';
import type { HostSpec } from '../spec.js';

/** What every worker thread of a host is given at its start. */
export interface WorkerData {
  readonly spec: HostSpec;
  readonly timingLock: SharedArrayBuffer;
  /** Over shared memory; null for the test double. */
  readonly data: DataSet | null;
}

/** Words of {@link TaskHandle.memory}. */
export const [STOP, ALIVE] = [0, 1];

/** What a task shares with its host. */
export interface TaskHandle {
  /** Number of the task in its host. */
  readonly id: number;
  /** The task's place in the timing lock. */
  readonly place: number;
  /** Two 32-bit words: the host writes 1 to the first when the task is to end; the task counts its signs of life in the second. */
  readonly memory: SharedArrayBuffer;
}

/** What a worker is to do; plain data and shared memory between threads of one process. */
export type Task =
  | { readonly kind: 'warmUp' }
  | { readonly kind: 'evaluate'; readonly handle: TaskHandle; readonly attempt: number; readonly job: Job }
  | {
      readonly kind: 'measure';
      readonly handle: TaskHandle;
      readonly attempt: number;
      readonly texts: readonly string[];
      readonly effort: TimingEffort;
    }
  /** Gives back what the thread holds outside of itself; nothing comes after it. */
  | { readonly kind: 'close' };

/** What is wrong with the user's surroundings: a value, since an error's code does not cross threads. */
export interface SerializedFailure {
  readonly serializedError: SerializedError;
}

/** What `warmUp` comes to: ready, or what is wrong here. */
export type WarmUp = Devices | SerializedFailure;
/** What `evaluate` comes to: how the trial ended, or a fault of the surroundings. */
export type Evaluation = Outcome | SerializedFailure;
/** What `measure` comes to; null: it was stopped. */
export type Timing = { readonly records: readonly LatencyRecord[] | null } | SerializedFailure;

export type TaskResult = WarmUp | Timing | Evaluation | null;

/** A task's result, with the number of messages that were sent before it. */
export interface TaskAnswer {
  readonly result: TaskResult;
  readonly sent: number;
}

/** What a worker reports while it works. */
export type WorkerMessage =
  | { readonly kind: 'begun'; readonly id: number; readonly thread: number }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress };
