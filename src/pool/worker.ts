import { writeSync } from 'node:fs';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { isNasError } from '../core/index.js';
import type { Control, Engine } from './engine.js';
import { lanePlace } from './lane.js';
import { mistakeOf } from './mistake.js';
import type { Mistaken, Task, TaskResult, Tether, WorkerData, WorkerMessage } from './tasks.js';

/** Entry of a worker thread: one engine for the thread's life, one task at a time. */
const { spec, lane, data } = workerData as WorkerData;
let engine: Promise<Engine> | undefined;

/** Called by Piscina for each task. */
export default async function work(task: Task): Promise<TaskResult> {
  switch (task.kind) {
    case 'warmUp':
      return orMistake(async () => (await opened()).warmUp());
    case 'evaluate': {
      const control = controlOf(task.tether, task.job.trial);
      return (await opened(control)).evaluate(task.job, task.attempt, control);
    }
    case 'measure': {
      const control = controlOf(task.tether, 0);
      return orMistake(async () => ({
        records: await (await opened(control)).measure(task.texts, task.attempt, control),
      }));
    }
    case 'close':
      await (await engine)?.[Symbol.asyncDispose]();
      return null;
  }
}

/**
 * One that could not be opened (no agent at this moment, say) is tried again by the next task. Opening is work that would
 * disturb a measurement, and would find the process on the one core that it may hold, so it takes its turn in the lane.
 */
function opened(control?: Control): Promise<Engine> {
  engine ??= openedIn(control).catch((error: unknown) => {
    engine = undefined;
    throw error;
  });
  return engine;
}

async function openedIn(control: Control | undefined): Promise<Engine> {
  control?.lane.enter();
  try {
    return await openEngine(() => control?.stop() ?? false);
  } finally {
    control?.lane.leave();
  }
}

async function orMistake<T>(task: () => Promise<T>): Promise<T | Mistaken> {
  try {
    return await task();
  } catch (error) {
    if (isNasError(error)) return { mistake: mistakeOf(error, error.code) };
    throw error;
  }
}

async function openEngine(stop: () => boolean): Promise<Engine> {
  const { backend, latency, checkpoints } = spec;
  if (backend.kind === 'fake') {
    const { fakeEngine } = await import('./fake-engine.js');
    const kill = (lastWords: string) => {
      writeSync(2, lastWords);
      process.kill(process.pid, 'SIGKILL');
    };
    return fakeEngine({ spec: backend, checkpoints, kill, ...latency });
  }
  const { trainingEngine } = await import('./training-engine.js');
  return trainingEngine({ spec, data, environment: process.env, stop });
}

function controlOf({ id, place, stop }: Tether, trial: number): Control {
  const flag = new Int32Array(stop);
  tell({ kind: 'begun', id, thread: threadId });
  return {
    lane: lanePlace(lane, place),
    stop: () => Atomics.load(flag, 0) !== 0,
    progress: (progress) => tell({ kind: 'progress', id, progress: { trial, ...progress } }),
  };
}

function tell(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}
