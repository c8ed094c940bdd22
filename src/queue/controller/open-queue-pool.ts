import { randomUUID } from 'node:crypto';
import { digest, isNasError, messageOf, NasError, stopwatch } from '../../core/index.js';
import { buildNetwork, decodeWeights } from '../../network/index.js';
import {
  deserializeError,
  latenciesOf,
  noiseWatch,
  readCheckpoint,
  reasonOf,
  withSignals,
  writeCheckpoint,
  type HostSpec,
  type Pool,
} from '../../pool/index.js';
import { parseArchitecture } from '../../space/index.js';
import type { Job, LatencyRecord, Outcome, Progress, TimingEffort } from '../../trials/index.js';
import { refOf, type ArtifactRef, type ArtifactStore } from '../artifacts/store.js';
import type { QueueConnection } from '../connection/connect.js';
import { keepBeating } from '../registry/beating.js';
import { registryIn } from '../registry/registry.js';
import { PROTOCOL, STUDIES, type StudyRecord, type Task, type TaskResult } from '../wire/messages.js';
import { portableSpec } from '../wire/portable-spec.js';
import { deviceDigests, watchStudyWorkers } from './study-workers.js';
import { resultProblem } from './result-problem.js';
import { openWorkQueue, type TaskEnd } from './work-queue.js';

/** Ms without a worker after which the user is reminded. */
const REMIND_MS = 3000;

export interface QueuePoolOptions {
  readonly connection: QueueConnection;
  /** `id` distinguishes it from all other studies, also those of the same name; the same one when it is resumed. */
  readonly study: { readonly id: string; readonly name: string };
  /** What the local host would be started with. */
  readonly spec: HostSpec;
  /** Of the files that the study learns from; null where it reads none. */
  readonly dataDigest: string | null;
  /** Digests of the devices that its latencies are of; null where nothing was timed yet. */
  readonly devices: readonly string[] | null;
  readonly artifacts: ArtifactStore;
  /** Of this package: another one trains otherwise. */
  readonly version: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Gets what the user should know. */
  readonly notice: (text: string) => void;
  readonly warn?: ((text: string) => void) | undefined;
}

/**
 * A pool whose jobs are worked on by `nas worker` on any machine. Offers what a local pool offers; its slots are those of
 * the workers that live. Resolves when the first of them is ready.
 * @throws NasError `NAS_STOPPED` when the signal is aborted before
 */
export async function openQueuePool(options: QueuePoolOptions): Promise<Pool> {
  const { connection, study, artifacts, version, signal, log, spec } = options;
  const { checkpoints } = spec;
  const work = await openWorkQueue(connection, study.id, reasonOf);
  let { devices } = options;
  const record = (): Omit<StudyRecord, 'beat'> => ({
    ...{ protocol: PROTOCOL, version, study: study.name, spec: portableSpec(spec), devices },
    ...{ dataDigest: options.dataDigest, artifacts: artifacts.address },
  });
  const beating = await keepBeating(registryIn(connection.queue(STUDIES)), study.id, record);
  const workers = watchStudyWorkers({
    ...{ connection, study: study.id, devices },
    onChange(line) {
      log(line);
      options.notice(line);
    },
  });
  const close = async (): Promise<void> => {
    workers[Symbol.dispose]();
    await beating[Symbol.asyncDispose]();
    await work[Symbol.asyncDispose]();
  };
  const reminder = setTimeout(() => {
    options.notice(`no worker yet: start nas worker --queue ${connection.address.shown} on each machine`);
  }, REMIND_MS);
  try {
    const found = await orStopped(workers.first, signal);
    devices = deviceDigests(found);
    await beating.update();
    return poolOn(found);
  } catch (error) {
    await close();
    throw error;
  } finally {
    clearTimeout(reminder);
  }

  function poolOn(found: Awaited<typeof workers.first>): Pool {
    const digests = deviceDigests(found);
    const writer = { protocol: PROTOCOL, version, devices: digests, stop: null } as const;
    const session = randomUUID().slice(0, 8);
    let measured = 0;
    const watchNoise = noiseWatch(spec.latency.protocol.precision, options.warn);
    return {
      ...found,
      failure: null,
      hostPid: undefined,
      get slots() {
        return Math.max(1, workers.slots);
      },
      evaluate(job, outer, progress) {
        const early = new AbortController();
        return withSignals([outer, signal, early.signal], (either) =>
          evaluate(job, either, (now) => {
            if (now.note !== undefined) log(`trial ${now.trial}: ${now.note}`);
            if (progress(now) === 'stop') early.abort('ended early');
          }),
        );
      },
      measure: async (texts, outer, effort = 'full') =>
        texts.length === 0 ? [] : withSignals([outer, signal], (either) => measure(texts, either, effort)),
      [Symbol.asyncDispose]: close,
    };

    async function evaluate(
      job: Job,
      either: AbortSignal,
      report: (progress: Progress) => void,
    ): Promise<Outcome> {
      const elapsed = stopwatch();
      const short = (state: 'stopped' | 'failed', reason: string): Outcome => ({
        ...{ state, reason, latency: null, curve: [], seconds: elapsed() / 1000 },
      });
      report({ trial: job.trial, phase: 'waiting', done: 0, loss: null, accuracy: null });
      if (either.aborted) return short('stopped', reasonOf(either));
      const start =
        job.start.kind === 'surgery'
          ? await artifacts.put(await readCheckpoint(checkpoints, job.start.checkpoint))
          : null;
      const id = taskId(job);
      for (let again = false; ; again = true) {
        const end = await evaluateOnce(id, { ...writer, kind: 'evaluate', job, start }, either, report);
        if (end.kind === 'stopped') return short('stopped', reasonOf(either));
        if (end.kind === 'given up') return short('failed', `no worker could evaluate it: ${end.reason}`);
        const { result } = end;
        if (result.kind === 'error') throw deserializeError(result.error);
        if (result.kind !== 'outcome')
          return short('failed', 'a worker sent a measurement in place of an outcome');
        const problem = resultProblem(job, result, digests);
        if (problem !== null) return short('failed', `worker ${result.worker}: ${problem}`);
        const stored = await storeWeights(id, job, result);
        // A result that outlived its weights, which an earlier controller had brought and lost: it is trained again.
        if (stored === 'missing' && !again) continue;
        if (stored !== null) return short('failed', `its weights cannot be used: ${stored}`);
        const { outcome } = result;
        if (job.latency == null && (job.timing ?? 'full') === 'full') watchNoise(latenciesOf(outcome));
        return outcome;
      }
    }

    /** Runs the task; the training state that it leaves in the store goes with its end. */
    async function evaluateOnce(
      id: string,
      task: Extract<Task, { kind: 'evaluate' }>,
      either: AbortSignal,
      report: (progress: Progress) => void,
    ): Promise<TaskEnd> {
      let state: ArtifactRef | null = null;
      const end = await work.run(id, task, either, (now) => {
        ({ state } = now);
        if (now.progress?.trial === task.job.trial) report(now.progress);
      });
      if (end.kind !== 'stopped') await forget(state);
      return end;
    }

    async function measure(
      texts: readonly string[],
      either: AbortSignal,
      effort: TimingEffort,
    ): Promise<readonly LatencyRecord[]> {
      if (either.aborted) throw stoppedError(either);
      // Of this session only: no one waits for what an earlier one asked for.
      const id = `measure-${session}-${++measured}`;
      const end = await work.run(id, { ...writer, kind: 'measure', texts, effort }, either, () => undefined);
      const records = recordsOf(end, either, texts.length, digests);
      if (effort === 'full') watchNoise(records);
      return records;
    }
  }

  /**
   * Brings the trained weights into the study's folder, checked. Null where all is well, else why the trial fails;
   * `missing` where they are nowhere.
   * @throws NasError where the store cannot be read at the moment
   */
  async function storeWeights(
    id: string,
    job: Job,
    { outcome, weights }: Extract<TaskResult, { kind: 'outcome' }>,
  ): Promise<string | null> {
    if (outcome.state !== 'done' || job.checkpoint === null || weights === null) return null;
    if (await isHere(job.checkpoint, weights)) return null;
    try {
      const bytes = await artifacts.get(weights);
      decodeWeights(bytes, buildNetwork(parseArchitecture(job.text)));
      await writeCheckpoint(checkpoints, job.checkpoint, bytes);
    } catch (error) {
      if (isNasError(error) && error.code === 'NAS_ARTIFACT_MISSING') return 'missing';
      if (!isNasError(error) || error.fault === undefined) return messageOf(error);
      work.keep(id);
      throw error;
    }
    await forget(weights);
    return null;
  }

  /** Whether a controller that has died had brought them. */
  async function isHere(checkpoint: string, { sha256 }: ArtifactRef): Promise<boolean> {
    const bytes = await readCheckpoint(checkpoints, checkpoint).catch(() => undefined);
    return bytes !== undefined && refOf(bytes).sha256 === sha256;
  }

  /** What has been brought here is of no use in the store. */
  async function forget(ref: ArtifactRef | null): Promise<void> {
    if (ref !== null) await artifacts.remove(ref).catch(() => undefined);
  }
}

/** The same job has the same id in each session, but for the time it may take, so that none is done twice. */
function taskId({ plan, ...job }: Job): string {
  const { maxSeconds: _, ...rest } = plan;
  return `trial-${job.trial}-${digest({ ...job, plan: rest }).slice(0, 16)}`;
}

function recordsOf(
  end: TaskEnd,
  signal: AbortSignal,
  count: number,
  digests: readonly string[],
): readonly LatencyRecord[] {
  if (end.kind === 'stopped') throw stoppedError(signal);
  if (end.kind === 'given up') throw unmeasured(end.reason);
  const { result } = end;
  if (result.kind === 'error') throw deserializeError(result.error);
  if (result.kind !== 'measured' || result.records.length !== count)
    throw unmeasured('a worker sent something else than was asked for');
  if (result.records.some(({ fingerprint }) => fingerprint !== digests[0]))
    throw unmeasured(`worker ${result.worker} timed on another device`);
  return result.records;
}

function unmeasured(found: string): NasError {
  return new NasError({ code: 'NAS_MEASUREMENT', found });
}

function stoppedError(signal: AbortSignal): NasError {
  return new NasError({ code: 'NAS_STOPPED', found: `stopped: ${reasonOf(signal)}` });
}

function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(stoppedError(signal));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(
      (value) => {
        signal.removeEventListener('abort', onAbort);
        resolve(value);
      },
      (error: unknown) => reject(error instanceof Error ? error : new Error(String(error))),
    );
  });
}
