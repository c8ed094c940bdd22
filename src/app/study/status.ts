import { z } from 'zod';
import { isRunning, now, processMark, stopwatch, type Json } from '../../core/index.js';
import type { PoolView } from '../../report/index.js';
import type { Progress, TrialReader, TrialStore } from '../../trials/index.js';
import type { AppEvent, Listener } from '../events.js';

/** What the controller notes of itself while it works, for the dashboard. */
const NOTE = 'live';
/** Notes are at least so far apart. */
const EVERY_MS = 1000;
/** From a smaller share of a training nothing can be estimated. */
const LEAST_DONE = 0.02;

interface Worker {
  progress: Progress;
  /** When training began, on the phase's own clock; null before. */
  trainingSince: number | null;
  /** The share that was done then: a resumed training begins with more than nothing. */
  doneBefore: number;
}

export interface StatusWriter extends Disposable {
  /** Hears an event and passes it on. */
  readonly listen: Listener;
}

/**
 * Notes at most once a second what each worker does, from the events that pass by; takes the note back when disposed.
 * A note that cannot be written is left out: the study's own writes report why.
 * @param clock a monotonic clock in ms
 */
export function statusWriter(
  store: TrialStore,
  first: string,
  listen: Listener,
  clock: () => number = stopwatch(),
): StatusWriter {
  const mark = processMark();
  const workers = new Map<number, Worker>();
  let phase = first;
  /** What is timed of which no trial exists yet; null while trials are tried. */
  let measuring: string | null = null;
  let trialsLeft: number | null = null;
  let secondsLeft: number | null = null;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const put = (value: Json): void => {
    try {
      store.note(NOTE, value);
    } catch {
      // As said above.
    }
  };
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    writtenAt = clock();
    const all = [...workers.values()];
    put({
      at: now(),
      mark,
      pid: process.pid,
      phase,
      workers: all.map((worker) => ({ ...workerView(worker, clock()) })),
      timingLock:
        measuring ?? all.find(({ progress }) => progress.phase === 'timing')?.progress.trial ?? null,
      trialsLeft,
      secondsLeft,
    });
  };
  const see = (progress: Progress): void => {
    const before = workers.get(progress.trial);
    const since = before?.trainingSince ?? null;
    const begins = progress.phase === 'training' && since === null;
    workers.set(progress.trial, {
      progress,
      trainingSince: begins ? clock() : since,
      doneBefore: begins ? progress.done : (before?.doneBefore ?? 0),
    });
  };
  const hear = (event: AppEvent): void => {
    switch (event.phase) {
      case 'prepare':
      case 'export':
        return;
      case 'finalists':
      case 'retrain':
        return see(event.progress);
      case 'proxy check':
        if ('progress' in event) see(event.progress);
        else workers.delete(event.finished.id);
        trialsLeft = event.count - event.done;
        return;
      case 'search': {
        const { event: what } = event;
        if (what.kind === 'begun')
          see({ trial: what.trial.id, phase: 'waiting', done: 0, loss: null, accuracy: null });
        if (what.kind === 'progress') see(what.progress);
        if (what.kind === 'finished') workers.delete(what.trial.id);
        const { trials, done, infeasible, failed } = what.status;
        trialsLeft = trials === null ? null : Math.max(0, trials - done - infeasible - failed);
        secondsLeft = what.status.secondsLeft;
        return;
      }
      case 'refine': {
        const { event: what } = event;
        measuring = what.type === 'measuring' ? `${what.networks} networks` : null;
        if (what.type === 'measuring' || what.type === 'candidates') phase = `netadapt, step ${what.step}`;
        if (what.type === 'progress') see(what.progress);
        const isTried = what.type === 'proposal' || what.type === 'control';
        if (what.type === 'candidates') trialsLeft = what.candidates.length + 1;
        if (isTried || what.type === 'accepted') workers.delete(what.trial.id);
        if (isTried) trialsLeft = trialsLeft === null ? null : Math.max(0, trialsLeft - 1);
      }
    }
  };
  write();
  return {
    listen(event) {
      hear(event);
      const wait = writtenAt + EVERY_MS - clock();
      if (wait <= 0) write();
      else if (timer === undefined) timer = setTimeout(write, wait).unref();
      listen(event);
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      put(null);
    },
  };
}

function workerView(
  { progress, trainingSince, doneBefore }: Worker,
  at: number,
): PoolView['workers'][number] {
  const { trial, phase, done } = progress;
  const spent = trainingSince === null ? 0 : (at - trainingSince) / 1000;
  const here = done - doneBefore;
  const known = phase === 'training' && here >= LEAST_DONE;
  return {
    trial,
    doing: DOING[phase],
    done: phase === 'timing' ? null : done,
    secondsLeft: known ? (spent * (1 - done)) / here : null,
  };
}

const DOING: Readonly<Record<Progress['phase'], PoolView['workers'][number]['doing']>> = {
  waiting: 'waiting',
  compiling: 'training',
  timing: 'timing',
  training: 'training',
  evaluating: 'evaluating',
};

const noteSchema = z.object({
  at: z.number(),
  mark: z.string(),
  pid: z.number().int(),
  phase: z.string(),
  workers: z.array(
    z.object({
      trial: z.number().int(),
      doing: z.enum(['waiting', 'training', 'evaluating', 'timing']),
      done: z.number().min(0).max(1).nullable(),
      secondsLeft: z.number().nonnegative().nullable(),
    }),
  ),
  timingLock: z.union([z.number().int(), z.string().max(100)]).nullable(),
  trialsLeft: z.number().int().nonnegative().nullable(),
  secondsLeft: z.number().nonnegative().nullable(),
});

/**
 * What the controller last noted; null where none works on the study. Where its process was killed, the phase states that
 * and there are no workers.
 */
export function readStatus(reader: TrialReader): PoolView | null {
  const parsed = noteSchema.safeParse(reader.noted(NOTE));
  if (!parsed.success) return null;
  const { mark, ...noted } = parsed.data;
  if (isRunning(mark)) return { ...noted, alive: true };
  const phase = `${noted.phase}: its process has ended without saying so`;
  return { ...noted, alive: false, phase, workers: [], timingLock: null, secondsLeft: null };
}
