import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readCheckpoint, withSignals, writeCheckpoint } from '../../pool/index.js';
import type { Job, Outcome, Progress } from '../../trials/index.js';
import type { ArtifactRef } from '../artifacts/store.js';
import type { QueueJob } from '../connection/connect.js';
import type { Task, TaskResult } from '../wire/messages.js';
import type { TaskParts } from './task-parts.js';
import { taskReport } from './task-report.js';
import { carriedState } from './carried-state.js';

/** Why a task may have to end before its end. */
export interface TaskSignals {
  /** The controller wants it. */
  readonly stop: AbortSignal;
  /** Another worker has it. */
  readonly lost: AbortSignal;
  /** This worker ends: another one is to resume it. */
  readonly giveBack: AbortSignal;
}

/** A task that goes back into the queue with what it has come to. */
export class GivenBack extends Error {}

/** A task whose lock is lost; the queue hears nothing more of it. */
class LockLost extends Error {}

/**
 * Does one task on the host and packs up what came of it.
 * @throws GivenBack; NasError a fault of this machine
 */
export async function evaluateTask(
  queued: QueueJob,
  task: Task,
  signals: TaskSignals,
  parts: TaskParts,
): Promise<TaskResult> {
  const { pool, name } = parts;
  return withSignals([signals.stop, signals.lost, signals.giveBack], async (either) => {
    if (task.kind === 'measure') {
      const records = await pool.measure(task.texts, either, task.effort).catch((error: unknown) => {
        requireKept(signals);
        throw error;
      });
      requireKept(signals);
      return { kind: 'measured', worker: name, records };
    }
    const { job } = task;
    const report = taskReport(queued, name, signals.lost);
    await bringStart(job, task.start, parts);
    await using state = await carriedState(queued, job, report, parts);
    const outcome = await pool.evaluate(job, either, (progress: Progress) => {
      report.progress(progress);
      return 'continue';
    });
    if (signals.lost.aborted) throw new LockLost();
    if (outcome.state === 'stopped' && signals.giveBack.aborted && !signals.stop.aborted) {
      await state.carry();
      throw new GivenBack();
    }
    const weights = await sendWeights(outcome, parts);
    return { kind: 'outcome', worker: name, outcome, weights };
  });
}

function requireKept({ lost, giveBack, stop }: TaskSignals): void {
  if (lost.aborted) throw new LockLost();
  if (giveBack.aborted && !stop.aborted) throw new GivenBack();
}

async function sendWeights(
  outcome: Outcome,
  { artifacts, checkpoints }: TaskParts,
): Promise<ArtifactRef | null> {
  if (outcome.state !== 'done' || outcome.checkpoint === null) return null;
  const ref = await artifacts.put(await readCheckpoint(checkpoints, outcome.checkpoint));
  await rm(join(checkpoints, outcome.checkpoint), { force: true });
  return ref;
}

/** The weights that surgery starts from, where the host looks for them. */
async function bringStart(
  { start }: Job,
  ref: ArtifactRef | null,
  { artifacts, checkpoints }: TaskParts,
): Promise<void> {
  if (start.kind !== 'surgery' || ref === null) return;
  await writeCheckpoint(checkpoints, start.checkpoint, await artifacts.get(ref));
}
