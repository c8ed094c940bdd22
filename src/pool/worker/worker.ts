import { writeSync } from 'node:fs';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { faultOf, isNasError } from '../../core/index.js';
import type { Control, Engine } from '../engine/engine.js';
import { timingLockPlace } from './timing-lock.js';
import { serializeError } from '../serialized-error.js';
import {
  ALIVE,
  STOP,
  type SerializedFailure,
  type Task,
  type TaskAnswer,
  type TaskResult,
  type TaskHandle,
  type WorkerData,
  type WorkerMessage,
} from './tasks.js';

/** Entry of a worker thread: one engine for the thread's life, one task at a time. */
const { spec, timingLock, data } = workerData as WorkerData;
let engine: Promise<Engine> | undefined;

/** Messages of the current task. */
let sent = 0;
/** A sign of life of the current task. */
let alive = (): void => undefined;

/** Called by Piscina for each task. */
export default async function work(task: Task): Promise<TaskAnswer> {
  sent = 0;
  alive = () => undefined;
  const result = await resultOf(task);
  return { result, sent };
}

async function resultOf(task: Task): Promise<TaskResult> {
  switch (task.kind) {
    case 'warmUp':
      return orSerializedError(async () => (await opened()).warmUp());
    case 'evaluate': {
      const control = controlOf(task.handle, task.job.trial);
      try {
        return await (await opened(control)).evaluate(task.job, task.attempt, control);
      } catch (error) {
        const fault = faultOf(error);
        if (fault === undefined) throw error;
        return { serializedError: serializeError(fault, fault.code) };
      }
    }
    case 'measure': {
      const control = controlOf(task.handle, 0);
      const { texts, attempt, effort } = task;
      return orSerializedError(async () => ({
        records: await (await opened(control)).measure(texts, attempt, control, effort),
      }));
    }
    case 'close':
      await (await engine)?.[Symbol.asyncDispose]();
      return null;
  }
}

/**
 * One that could not be opened (no agent at this moment, say) is tried again by the next task. Opening is work that would
 * disturb a measurement, and would find the process on the one core that it may hold, so it takes its turn in the timing lock.
 */
function opened(control?: Control): Promise<Engine> {
  engine ??= openedIn(control).catch((error: unknown) => {
    engine = undefined;
    throw error;
  });
  return engine;
}

async function openedIn(control: Control | undefined): Promise<Engine> {
  control?.timingLock.enter();
  try {
    return await openEngine(() => control?.stop() ?? false);
  } finally {
    control?.timingLock.leave();
  }
}

async function orSerializedError<T>(task: () => Promise<T>): Promise<T | SerializedFailure> {
  try {
    return await task();
  } catch (error) {
    const known = faultOf(error) ?? error;
    if (isNasError(known)) return { serializedError: serializeError(known, known.code) };
    throw error;
  }
}

async function openEngine(stop: () => boolean): Promise<Engine> {
  const { backend, latency, checkpoints } = spec;
  if (backend.kind === 'fake') {
    const { fakeEngine } = await import('../engine/fake-engine.js');
    const kill = (reason: string) => {
      writeSync(2, reason);
      process.kill(process.pid, 'SIGKILL');
    };
    return fakeEngine({ spec: backend, checkpoints, kill, ...latency });
  }
  const { trainingEngine } = await import('../engine/training-engine.js');
  return trainingEngine({ spec, data, environment: process.env, stop, alive: () => alive() });
}

function controlOf({ id, place, memory }: TaskHandle, trial: number): Control {
  const words = new Int32Array(memory);
  alive = () => void Atomics.add(words, ALIVE, 1);
  const send = (message: WorkerMessage): void => {
    alive();
    sent++;
    parentPort?.postMessage(message);
  };
  send({ kind: 'begun', id, thread: threadId });
  return {
    timingLock: timingLockPlace(timingLock, place, Atomics, () => alive()),
    alive: () => alive(),
    stop: () => {
      alive();
      return Atomics.load(words, STOP) !== 0;
    },
    progress: (progress) => send({ kind: 'progress', id, progress: { trial, ...progress } }),
  };
}
