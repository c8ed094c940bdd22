import { writeSync } from 'node:fs';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { isNasError } from '../core/index.js';
import type { Control, Engine } from './engine.js';
import { lanePlace } from './lane.js';
import { mistakeOf } from './mistake.js';
import type { Task, TaskResult, Tether, WarmUp, WorkerData, WorkerMessage } from './tasks.js';

/** Entry of a worker thread: one engine for the thread's life, one task at a time. */
const { spec, lane, data } = workerData as WorkerData;
let engine: Promise<Engine> | undefined;

/** Called by Piscina for each task. */
export default async function work(task: Task): Promise<TaskResult> {
  if (task.kind === 'warmUp') return warmUp();
  engine ??= openEngine();
  const ready = await engine;
  switch (task.kind) {
    case 'evaluate':
      return ready.evaluate(task.job, task.attempt, controlOf(task.tether, task.job.trial));
    case 'measure':
      return ready.measure(task.texts, task.attempt, controlOf(task.tether, 0));
  }
}

/** What is wrong with the user's surroundings comes back as a value: an error's code does not cross threads. */
async function warmUp(): Promise<WarmUp> {
  try {
    engine ??= openEngine();
    return { fingerprint: await (await engine).warmUp() };
  } catch (error) {
    if (isNasError(error)) return { mistake: mistakeOf(error, error.code) };
    throw error;
  }
}

async function openEngine(): Promise<Engine> {
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
  return trainingEngine({ spec, data, environment: process.env });
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
