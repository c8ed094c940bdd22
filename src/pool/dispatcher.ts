import { NasError } from '../core/index.js';
import type { Devices } from './engine/engine.js';
import type { HostListener, HostProcess } from './host-process.js';
import type { FromHost } from './messages.js';
import { deserializeError } from './serialized-error.js';
import { noProgress } from './no-progress.js';
import type { Answer, Work } from './worker/work.js';

/** Deaths in a row, nothing finished between them, after which no further host is started. */
const DEATHS = 5;
/** Seconds before a host is started again, by how many have died in a row: what killed two may need time to pass. */
const RESTART_SECONDS: readonly number[] = [0, 1, 2, 4];
/** Seconds beyond patience and grace after which a host that says nothing is ended itself. */
const SLACK_SECONDS = 15;

export interface DispatcherOptions {
  readonly workers: number;
  readonly graceSeconds: number;
  /** Seconds after which a task that does not get on is ended; the host sees to it. */
  readonly idleSeconds: number;
  /** Seconds a host may take to be ready once its data is read, and for each thing that it reads. */
  readonly startSeconds: number;
  /** Seconds before a host is started again after the first death in a row, the second, …; the last one repeats. */
  readonly restartSeconds?: readonly number[] | undefined;
  readonly start: (listener: HostListener) => HostProcess;
  readonly log: (line: string) => void;
}

/** Gives work to a host, keeps a host up, and decides what its death means for the running work. */
export interface Dispatcher {
  readonly ready: Promise<Devices>;
  /** Why no host can be kept up; null while all is well. */
  readonly failure: NasError | null;
  readonly hostPid: number | undefined;
  add(work: Work): void;
  stop(work: Work, reason: string): void;
  /** Ends everything; running work is stopped with this reason. */
  close(reason: string): Promise<void>;
}

/**
 * A host's death costs the running work one retry, and so does work without progress. Whose fault it was is unknown when several were
 * running, so each retry runs by itself: the second death is its own, and it fails.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { workers, graceSeconds, idleSeconds, startSeconds, log } = options;
  let isReady: (devices: Devices) => void = () => undefined;
  let isNotReady: (error: NasError) => void = () => undefined;
  const ready = new Promise<Devices>((resolve, reject) => {
    isReady = resolve;
    isNotReady = reject;
  });
  ready.catch(() => undefined);
  let queue: Work[] = [];
  const running = new Map<number, Work>();
  let host: HostProcess | null = null;
  let state: 'none' | 'starting' | 'ready' | 'tainted' | 'leaving' | 'pausing' = 'none';
  let everReady = false;
  let deaths = 0;
  let failure: NasError | null = null;
  let closed = false;
  let startWatch: NodeJS.Timeout | undefined;
  let restart: NodeJS.Timeout | undefined;
  let leaving: Promise<void> = Promise.resolve();

  function pump(): void {
    if (failure !== null || closed) return;
    if (state === 'tainted' && running.size === 0) replaceHost();
    else if (state === 'none' && (queue.length > 0 || !everReady)) launch();
    if (state !== 'ready') return;
    for (let next = pick(); next !== undefined; next = pick()) begin(next);
  }

  function pick(): Work | undefined {
    const busy = [...running.values()];
    if (busy.some((work) => work.crashes > 0)) return undefined;
    const suspect = queue.find((work) => work.crashes > 0);
    if (suspect !== undefined) return busy.length === 0 ? suspect : undefined;
    const free = { evaluate: workers, measure: 1 };
    for (const { kind } of busy) free[kind]--;
    return queue.find(({ kind }) => free[kind] > 0);
  }

  function begin(work: Work): void {
    queue = queue.filter((other) => other !== work);
    running.set(work.id, work);
    expectLife(work);
    host?.send(work.order());
  }

  /** Patience begins again, unless it was asked to stop. */
  function expectLife(work: Work): void {
    if (work.stop === null)
      watch(work, idleSeconds + 2 * graceSeconds + SLACK_SECONDS, noProgress(idleSeconds));
  }

  /** The last resort: ends a host that neither answers nor ends its thread. */
  function watch(work: Work, seconds: number, killReason: string): void {
    clearTimeout(work.watch);
    work.watch = setTimeout(
      () => {
        work.killReason = `${killReason} and its host had to be ended`;
        host?.kill();
      },
      Math.min(1000 * seconds, 2 ** 31 - 1),
    );
  }

  function launch(): void {
    state = 'starting';
    watchStart();
    host = options.start({ message: hear, died: hostDied, line: log });
  }

  function watchStart(): void {
    clearTimeout(startWatch);
    startWatch = setTimeout(() => host?.kill(), 1000 * startSeconds);
  }

  function replaceHost(): void {
    const old = host;
    state = 'leaving';
    host = null;
    log('the evaluator host is replaced: a thread had to be ended by force');
    leaving = (old?.close() ?? Promise.resolve()).then(() => {
      if (state === 'leaving') state = 'none';
      pump();
    });
  }

  function hear(message: FromHost): void {
    switch (message.kind) {
      case 'ready':
        clearTimeout(startWatch);
        state = 'ready';
        everReady = true;
        isReady({ fingerprint: message.fingerprint, further: message.further ?? [] });
        return pump();
      case 'error': {
        const error = deserializeError(message.serializedError);
        if (everReady && error.fault === 'transient') return startLater(error);
        host?.kill();
        return giveUp(error);
      }
      case 'loading':
        return watchStart();
      case 'alive': {
        const work = running.get(message.id);
        if (work !== undefined) expectLife(work);
        return;
      }
      case 'progress': {
        const work = running.get(message.id);
        if (work === undefined) return;
        expectLife(work);
        if (work.progress(message.progress) === 'stop') stop(work, 'ended early');
        return;
      }
      default: {
        const work = running.get(message.id);
        if (work === undefined) return;
        deaths = 0;
        running.delete(work.id);
        clearTimeout(work.watch);
        if (message.tainted) state = 'tainted';
        if (hungOnce(message, work)) queue = [work, ...queue];
        else work.answered(message);
        return pump();
      }
    }
  }

  /** Whether work that did not get on is to be tried once more; a training resumes from its last state. */
  function hungOnce(answer: Answer, work: Work): boolean {
    if (!('hung' in answer) || !answer.hung || work.stop !== null || ++work.crashes > 1) return false;
    log(`${noProgress(idleSeconds)}: tried once more`);
    return true;
  }

  function hostDied(reason: string): void {
    clearTimeout(startWatch);
    host = null;
    state = 'none';
    log(reason);
    const lost = [...running.values()];
    running.clear();
    const known = lost.some((work) => work.killReason !== null);
    if (!known) deaths++;
    const again: Work[] = [];
    for (const work of lost) {
      clearTimeout(work.watch);
      if (work.stop !== null) work.stopped(work.stop);
      else if (work.killReason !== null && ++work.crashes > 1) work.failed(work.killReason, null);
      else if (work.killReason === null && !known && ++work.crashes > 1)
        work.failed(`crashed twice: ${reason}`, null);
      else {
        work.killReason = null;
        again.push(work);
      }
    }
    queue = [...again, ...queue];
    if (deaths < DEATHS) return startAgain();
    giveUp(
      new NasError({
        code: 'NAS_HOST_DIES',
        found: `the evaluator host died ${deaths} times in a row: ${reason}`,
        fix: 'run nas doctor',
      }),
    );
  }

  /** Work that is stopped meanwhile, and closing, wait for nothing. */
  function startAgain(): void {
    const pauses = options.restartSeconds ?? RESTART_SECONDS;
    const seconds = deaths === 0 ? 0 : (pauses[Math.min(deaths, pauses.length) - 1] ?? 0);
    if (seconds === 0 || closed) return pump();
    log(`the evaluator host is started again in ${seconds} s`);
    state = 'pausing';
    restart = setTimeout(() => {
      state = 'none';
      pump();
    }, 1000 * seconds);
  }

  function giveUp(error: NasError): void {
    clearTimeout(startWatch);
    failure ??= error;
    isNotReady(failure);
    refuse(failure);
  }

  /** A host that cannot start at the moment costs the work that waits for it; the next work starts another one. */
  function startLater(error: NasError): void {
    clearTimeout(startWatch);
    log(error.message);
    const old = host;
    state = 'leaving';
    host = null;
    old?.kill();
    leaving = (old?.close() ?? Promise.resolve()).then(() => {
      if (state === 'leaving') state = 'none';
      pump();
    });
    refuse(error);
  }

  function refuse(error: NasError): void {
    const refused = [...running.values(), ...queue];
    running.clear();
    queue = [];
    for (const work of refused) {
      clearTimeout(work.watch);
      work.failed(error.message, error);
    }
  }

  function stop(work: Work, reason: string): void {
    if (queue.includes(work)) {
      queue = queue.filter((other) => other !== work);
      return work.stopped(reason);
    }
    if (!running.has(work.id) || work.stop !== null) return;
    work.stop = reason;
    watch(work, 2 * graceSeconds + SLACK_SECONDS, reason);
    host?.send({ kind: 'stop', id: work.id, reason });
  }

  pump();
  return {
    ready,
    get failure() {
      return failure;
    },
    get hostPid() {
      return host?.pid;
    },
    add(work) {
      if (failure !== null) return work.failed(failure.message, failure);
      if (closed) return work.stopped('the pool is closed');
      queue.push(work);
      pump();
    },
    stop,
    async close(reason) {
      if (closed) return;
      closed = true;
      clearTimeout(startWatch);
      clearTimeout(restart);
      isNotReady(new NasError({ code: 'NAS_STOPPED', found: `stopped: ${reason}` }));
      const open = [...running.values(), ...queue];
      running.clear();
      queue = [];
      for (const work of open) {
        clearTimeout(work.watch);
        work.stopped(reason);
      }
      await Promise.all([host?.close(), leaving]);
      host = null;
    },
  };
}
