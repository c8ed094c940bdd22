import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cardProblem, threadsFor } from '../../backends/index.js';
import { createRetry, NasError, now, type Retry, requirePlainFile } from '../../core/index.js';
import { diskSpaceCheck, removeTrainingState, startPool, type Pool } from '../../pool/index.js';
import { neutral } from '../../report/index.js';
import { spaceFromYaml, type SearchSpace } from '../../space/index.js';
import { createStudy, openStudyAside, removeStudy, type Trial, type TrialStore } from '../../trials/index.js';
import { environment, gpuIsOptional, type Places } from '../environment.js';
import { checkpointName } from './checkpoint-name.js';
import { hostSpec } from './host-spec.js';
import { openStudyQueue, type QueueChoice } from '../queue/study-queue.js';
import { noteKeep, storedSpec } from './keep.js';
import { retryText } from './retry-text.js';
import { retryingPool } from './retrying-pool.js';
import { resolveSpace } from '../resolve.js';
import { ownPath, requireOwnPaths } from './own-path.js';
import { requireOrKeepData } from './same-data.js';
import { sessionDevice } from './session-device.js';
import { checkSpec, platformsOf, type StudySpec } from './spec.js';
import { studyFolder } from './studies.js';
import { checkTables } from '../search/table-coverage.js';
import { warnOfNetworkDisk } from './network-disk.js';
import { requireTrusted, studySource, trustFrom } from './trust.js';

/** A study opened for writing, with its evaluator host once one is needed. Closing it ends the host. */
export interface Session extends AsyncDisposable {
  readonly places: Places;
  readonly folder: string;
  readonly spec: StudySpec;
  readonly space: SearchSpace;
  readonly store: TrialStore;
  readonly signal: AbortSignal;
  /** Whether the study may be moved to another device; its first host does that. */
  readonly newDevice: boolean;
  /** Waits out faults of the surroundings: what the pool evaluates and times does so by itself. */
  readonly retry: Retry;
  /** Adds a line to the log in the study's folder. */
  log(line: string): void;
  /** Leaves nothing of the study when it is closed, where this session made it. */
  discard(): void;
  /**
   * The evaluator host; started at the first call, the same one afterwards. Asked for as another one than runs, that one
   * is ended first. `exclusive`: one worker with all threads, for one long training; not to be used to time.
   * @throws NasError what the host met; `NAS_TABLE_RANGE` where a resumed study's table covers too little;
   *   `NAS_STUDY_DEVICE` where it times on another device than the study was timed on, without `newDevice`
   */
  pool(kind?: 'shared' | 'exclusive'): Promise<Pool>;
  /**
   * The trial with a latency of the device that the study is timed on now; timed again, by a host of this session, where
   * it has one of another device only. See `timedOn`.
   */
  onStudyDevice(trial: Trial): Promise<Trial>;
}

export interface SessionOptions {
  readonly places: Places;
  /** Aborted by Ctrl-C: what runs is stopped and stays resumable. */
  readonly signal: AbortSignal;
  /** Gets what the user should know: that a GPU was asked for and none is used, that the machine is too noisy to time. */
  readonly notice?: (text: string) => void;
  /** Platforms that the command names again, so that a study of others may use them; see `requireTrusted`. */
  readonly platforms?: readonly string[] | undefined;
  /** Continue on another device than the study was timed on: what was best there is timed again; see `timeFrontierAgain`. */
  readonly newDevice?: boolean | undefined;
  /** Workers of a queue train and time in place of a host on this machine. */
  readonly queue?: QueueChoice | undefined;
}

/**
 * Makes a new study. Nothing is left of it when its host cannot be started.
 * @param note writes what belongs to the study from its first moment; the host, which takes seconds, starts after it
 * @throws NasError `NAS_STUDY_EXISTS`, `NAS_NOT_WRITABLE` and what space and host find
 */
export async function createSession(
  spec: StudySpec,
  options: SessionOptions,
  note: (store: TrialStore) => void = () => undefined,
): Promise<Session> {
  const space = spaceOf(spec);
  const folder = studyFolder(options.places, spec.study);
  if (options.queue === undefined) requireBackend(spec.host, options.places);
  const fresh = !existsSync(folder);
  if (!fresh) requireOwnPaths(folder);
  const store = createStudy(folder, {
    name: spec.study,
    spec,
    spaceDigest: space.digest,
    seed: spec.seed,
    environment: environment(),
  });
  const trusted = trustFrom(studySource(folder, store.study), platformsOf(spec), options.notice);
  const session = sessionOf(spec, space, withoutStates(store, folder), folder, options, { trusted, fresh });
  try {
    note(store);
    await session.pool();
    return session;
  } catch (error) {
    session.discard();
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Opens a study to resume it.
 * @param change what the user wants otherwise: a longer budget, other workers; never what would change trials
 * @throws NasError `NAS_STUDY_MISSING`, `NAS_STUDY_LOCKED`, `NAS_STUDY_DAMAGED`, `NAS_OTHER_SPACE`,
 *   `NAS_PLATFORM_UNTRUSTED`, `NAS_OTHER_PLATFORM`
 */
export async function resumeSession(
  study: string,
  options: SessionOptions,
  change: (spec: StudySpec) => StudySpec = (spec) => spec,
): Promise<Session> {
  const folder = studyFolder(options.places, study);
  requireOwnPaths(folder);
  const store = await openStudyAside(folder);
  try {
    const spec = checkSpec(change(storedSpec(store)));
    const space = spaceOf(spec);
    if (space.digest !== store.study.spaceDigest) {
      throw new NasError({
        code: 'NAS_OTHER_SPACE',
        found: `study ${study} was made with another search space (digest ${store.study.spaceDigest.slice(0, 12)})`,
        expected: `${space.name} as of now (digest ${space.digest.slice(0, 12)})`,
        fix: 'choose another name with --study, or resume with the version that made it',
      });
    }
    const source = studySource(folder, store.study);
    const trusted = requireTrusted(source, platformsOf(spec), options.platforms, options.notice);
    if (options.queue === undefined) requireBackend(spec.host, options.places);
    noteKeep(store, spec);
    return sessionOf(spec, space, withoutStates(store, folder), folder, options, { trusted, fresh: false });
  } catch (error) {
    store[Symbol.dispose]();
    throw error;
  }
}

const ON_CPU =
  'warning: TensorFlow finds no GPU: training and timing on the CPU, as NAS_GPU=optional allows ' +
  '(nas doctor --backend tensorflow-gpu says why)';

/** A platform that is not the training device says nothing about that one; the system's files then do. */
function trainsOnCpu({ fingerprint }: Pool): boolean {
  return fingerprint.backend === 'tensorflow' ? fingerprint.device === 'cpu' : cardProblem() !== undefined;
}

function sessionOf(
  spec: StudySpec,
  space: SearchSpace,
  store: TrialStore,
  folder: string,
  { places, signal, notice, newDevice = false, queue }: SessionOptions,
  { trusted, fresh }: { readonly trusted: readonly string[]; readonly fresh: boolean },
): Session {
  // A foreign study may hold anything under that name.
  requirePlainFile(ownPath(folder, 'log'));
  if (notice !== undefined) warnOfNetworkDisk(places.runs, notice);
  let running: { readonly kind: 'shared' | 'exclusive'; readonly pool: Promise<Pool> } | undefined;
  let reported = false;
  let discarded = false;
  /** Before the first host starts: whether the data is what the study was made with. */
  let sameData: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const open = running;
    running = undefined;
    if (open === undefined) return;
    const pool = await open.pool.catch(() => undefined);
    await pool?.[Symbol.asyncDispose]();
  };
  /** Whether the tables that it is timed by were held against the space; a new study's were before it was made. */
  let covered = fresh;
  let quiet = false;
  /** Once a session, for all its hosts. */
  const noisy = (text: string): void => {
    log(text);
    if (!quiet) notice?.(`warning: ${text}`);
    quiet = true;
  };
  const log = (line: string): void => {
    try {
      appendFileSync(join(folder, 'log'), `${new Date(now()).toISOString()} ${neutral(line)}\n`);
    } catch {
      // A full disk is reported by the store, whose loss matters; a line of the log is not worth a search.
    }
  };
  const retry = createRetry({
    limitSeconds: spec.host.waitSeconds,
    onEvent(event) {
      const text = retryText(event);
      log(text);
      notice?.(text);
    },
  });
  let everStarted = false;
  const hostOf = async (asked: 'shared' | 'exclusive'): Promise<Pool> => {
    // How many threads a training gets is the workers' own.
    const kind = queue === undefined ? asked : 'shared';
    if (kind === 'shared' && !covered) {
      for (const warning of checkTables(spec.latency, space)) notice?.(`warning: ${warning}`);
      covered = true;
    }
    sameData ??= fresh ? Promise.resolve() : requireOrKeepData(store, spec, log);
    await sameData;
    if (running !== undefined && running.kind !== kind) await close();
    const open = async (): Promise<Pool> => {
      mkdirSync(folder, { recursive: true });
      const host = kind === 'exclusive' ? { ...spec.host, workers: 1, threads: threadsFor(1) } : spec.host;
      const input = hostSpec({ ...spec, host }, places, folder, trusted);
      const pool =
        queue === undefined
          ? await startPool(input, { signal, log, environment: process.env, warn: noisy })
          : await openStudyQueue({
              choice: queue,
              input,
              store,
              newDevice,
              signal,
              log,
              notice,
              warn: noisy,
            });
      everStarted = true;
      return retryingPool(pool, retry, diskSpaceCheck(folder, spec.recipe, host.workers));
    };
    // At the start a user is there, who prefers an error.
    running ??= { kind, pool: everStarted ? retry.run(open, signal) : open() };
    running.pool.catch(() => (running = undefined));
    return running.pool;
  };
  const device = sessionDevice({
    ...{ store, spec, signal, newDevice, latencyFolder: places.latency },
    notice(text) {
      log(text);
      notice?.(text);
    },
  });
  const poolOf = async (kind: 'shared' | 'exclusive'): Promise<Pool> => {
    // Before a host that must not be used to time.
    if (newDevice && !device.checked && kind === 'exclusive')
      await device.check(await hostOf('shared'), 'shared');
    const pool = await hostOf(kind);
    await device.check(pool, kind);
    if (!reported && spec.host.flavour === 'gpu' && gpuIsOptional() && trainsOnCpu(pool)) notice?.(ON_CPU);
    reported = true;
    return pool;
  };
  return {
    places,
    folder,
    retry,
    newDevice,
    spec,
    space,
    store,
    signal,
    log,
    discard: () => void (discarded = fresh),
    pool: (kind = 'shared') => poolOf(kind),
    onStudyDevice: (trial) => device.timed(trial, () => poolOf('shared')),
    async [Symbol.asyncDispose]() {
      await close();
      store[Symbol.dispose]();
      if (discarded) removeStudy(folder);
    },
  };
}

/** A trial that has ended, however it did, needs its training state no more. */
function withoutStates(store: TrialStore, folder: string): TrialStore {
  return {
    ...store,
    finish(id, ...rest) {
      const trial = store.finish(id, ...rest);
      removeTrainingState(ownPath(folder, 'checkpoints'), checkpointName(id));
      return trial;
    },
  };
}

/** The space a specification means: built in, or the YAML that was stored with the study. */
export function spaceOf(spec: StudySpec): SearchSpace {
  const { name, yaml } = spec.space;
  return yaml === null ? resolveSpace(name, spec.task) : spaceFromYaml(yaml, spec.task, name);
}

/** Before anything is written: is there a TensorFlow at all? @throws NasError `NAS_TENSORFLOW_MISSING` */
export function requireBackend(
  { backend, flavour }: Pick<StudySpec['host'], 'backend' | 'flavour'>,
  places: Places,
): void {
  if (backend !== 'tensorflow' || existsSync(join(places.tensorflow, flavour, 'tfjs_binding.node'))) return;
  throw new NasError({
    code: 'NAS_TENSORFLOW_MISSING',
    found: `no TensorFlow (${flavour}) in ${places.tensorflow}`,
    fix: `nas setup --backend ${flavour === 'gpu' ? 'tensorflow-gpu' : 'tensorflow'}`,
  });
}
