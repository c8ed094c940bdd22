import { ONNXRUNTIME_ENVIRONMENT, tensorflowEnvironment } from '../backends/index.js';
import { messageOf, NasError } from '../core/index.js';
import type { Devices } from './engine/engine.js';
import {
  jobSchema,
  type Evaluator,
  type Job,
  type LatencyMeter,
  type LatencyRecord,
  type Outcome,
} from '../trials/index.js';
import { checked } from './check.js';
import { createDispatcher } from './dispatcher.js';
import { startHost } from './host-process.js';
import { withSignals } from './with-signals.js';
import { latenciesOf, noiseWatch } from './worker/noise.js';
import { checkHostSpec, startSeconds, threadsOf, type HostSpec, type HostSpecInput } from './spec.js';
import { evaluation, measurement, reasonOf } from './worker/work.js';

export interface PoolOptions {
  /** Aborting it stops every job, and a pool that is starting. */
  readonly signal: AbortSignal;
  /** Gets what hosts print and what befalls them, line by line. */
  readonly log: (line: string) => void;
  /** The environment that hosts start with, usually the controller's own; TensorFlow's variables are added. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called once when the machine is too noisy for the precision that was asked for, with what was reached. */
  readonly warn?: ((text: string) => void) | undefined;
  /** See the dispatcher's; default: 0, 1, 2 and 4 s. */
  readonly restartSeconds?: readonly number[] | undefined;
}

/** Evaluates and times in a host process with worker threads. Closing it ends the host. */
export interface Pool extends Evaluator, LatencyMeter, Devices {
  /** Why no host can be kept up: from then on every evaluation rejects with it immediately. Null while all is well. */
  readonly failure: NasError | null;
  /** The process id of the present host, if there is one. */
  readonly hostPid: number | undefined;
}

/**
 * Starts a host and waits until it has loaded its data and used its backend once.
 *
 * `evaluate` rejects only with what keeps every candidate from being evaluated ({@link Pool.failure}): a host that dies
 * again and again, data that has gone. `measure` rejects with NasError, `NAS_STOPPED` when it was stopped.
 * @throws NasError what the host met (missing data, missing TensorFlow, …); `NAS_HOST_DIES` when it dies again and
 * again; `NAS_BAD_HOST_SPEC`; `NAS_NOT_BUILT`; `NAS_STOPPED` when the signal is aborted before
 */
export async function startPool(input: HostSpecInput, options: PoolOptions): Promise<Pool> {
  const spec = checkHostSpec(input);
  if (options.signal.aborted)
    throw new NasError({ code: 'NAS_STOPPED', found: `stopped: ${reasonOf(options.signal)}` });
  const environment = {
    ...options.environment,
    ...ONNXRUNTIME_ENVIRONMENT,
    ...ownEnvironment(spec, options.environment),
  };
  const dispatcher = createDispatcher({
    workers: spec.workers,
    graceSeconds: spec.graceSeconds,
    idleSeconds: spec.idleSeconds,
    startSeconds: startSeconds(spec),
    restartSeconds: options.restartSeconds,
    log: options.log,
    start: (listener) => startHost(spec, environment, listener),
  });
  const onAbort = () => void dispatcher.close(reasonOf(options.signal));
  options.signal.addEventListener('abort', onAbort, { once: true });
  let devices: Devices;
  try {
    devices = await dispatcher.ready;
  } catch (error) {
    await dispatcher.close('it did not start');
    throw error;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
  }

  let lastId = 0;
  /** A latency that the job brought along was reported when it was measured. */
  const watchNoise = noiseWatch(spec.latency.protocol.precision, options.warn);
  return {
    slots: spec.workers,
    ...devices,
    get failure() {
      return dispatcher.failure;
    },
    get hostPid() {
      return dispatcher.hostPid;
    },
    async evaluate(given, signal, progress) {
      const read = jobOf(given);
      if ('state' in read) return read;
      const { job } = read;
      return withSignals(
        [signal, options.signal],
        (either) =>
          new Promise<Outcome>((resolve, reject) => {
            const settle = (outcome: Outcome): void => {
              if (job.latency == null && (job.timing ?? 'full') === 'full') watchNoise(latenciesOf(outcome));
              resolve(outcome);
            };
            const heard: typeof progress = (now) => {
              if (now.note !== undefined) options.log(`trial ${now.trial}: ${now.note}`);
              return progress(now);
            };
            const work = evaluation(++lastId, job, heard, settle, reject);
            if (either.aborted) return work.stopped(reasonOf(either));
            either.addEventListener('abort', () => dispatcher.stop(work, reasonOf(either)));
            if (
              progress({ trial: job.trial, phase: 'waiting', done: 0, loss: null, accuracy: null }) === 'stop'
            )
              return work.stopped('ended early');
            dispatcher.add(work);
          }),
      );
    },
    measure: (texts, signal, effort = 'full') =>
      withSignals(
        [signal, options.signal],
        (either) =>
          new Promise<readonly LatencyRecord[]>((resolve, reject) => {
            if (texts.length === 0) return resolve([]);
            const work = measurement(
              ++lastId,
              texts,
              effort,
              (records) => {
                if (effort === 'full') watchNoise(records);
                resolve(records);
              },
              reject,
            );
            if (either.aborted) return work.stopped(reasonOf(either));
            either.addEventListener('abort', () => dispatcher.stop(work, reasonOf(either)));
            dispatcher.add(work);
          }),
      ),
    [Symbol.asyncDispose]: () => dispatcher.close('the pool was closed'),
  };
}

/** The job as it may be sent, or the end of the trial that asked for one which may not. */
function jobOf(given: unknown): { readonly job: Job } | Outcome {
  try {
    return { job: checked(jobSchema, given, 'NAS_BAD_JOB', 'job') };
  } catch (error) {
    return { state: 'failed', reason: messageOf(error), latency: null, curve: [], seconds: 0 };
  }
}

/**
 * Variables that must stand before the host's process begins. TensorFlow's pools belong to the process: operations of
 * all workers queue for them. A measurement finds them free, since no step runs at the same time (see worker/timing-lock.ts).
 */
function ownEnvironment(spec: HostSpec, outer: PoolOptions['environment']): Record<string, string> {
  if (spec.backend.kind !== 'tensorflow') return {};
  const { flavour, deterministic, directory } = spec.backend;
  const [threads, atOnce] = [threadsOf(spec), spec.workers];
  return tensorflowEnvironment({ flavour, deterministic, threads, atOnce, directory, outer });
}
