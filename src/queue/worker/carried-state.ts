import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../core/index.js';
import { readCheckpoint, removeTrainingState, trainingStateName, writeCheckpoint } from '../../pool/index.js';
import type { Job } from '../../trials/index.js';
import type { ArtifactRef } from '../artifacts/store.js';
import type { QueueJob } from '../connection/connect.js';
import { taskProgressSchema } from '../wire/messages.js';
import { unpack } from '../wire/packed.js';
import type { TaskParts } from './task-parts.js';
import type { TaskReport } from './task-report.js';

/** Ms between two looks for a new state; the host writes one after some tens of seconds of training. */
const LOOK_MS = 2000;

/** The state of a training, carried from worker to worker by the artifact store. */
export interface CarriedState extends AsyncDisposable {
  /** Carries what the host has written last. */
  carry(): Promise<void>;
}

/**
 * Puts the state that an earlier worker came to where the host resumes from it, and carries further ones from time to
 * time. No failure of this is one of the trial: it then begins again.
 */
export async function carriedState(
  queued: QueueJob,
  job: Job,
  report: TaskReport,
  { artifacts, checkpoints, log }: TaskParts,
): Promise<CarriedState> {
  const { checkpoint } = job;
  if (checkpoint === null) {
    const nothing = (): Promise<void> => Promise.resolve();
    return { carry: nothing, [Symbol.asyncDispose]: nothing };
  }
  const name = trainingStateName(checkpoint);
  removeTrainingState(checkpoints, checkpoint);
  let kept: ArtifactRef | null = unpack(taskProgressSchema, queued.progress)?.state ?? null;
  if (kept !== null) {
    try {
      await writeCheckpoint(checkpoints, name, await artifacts.get(kept));
      await report.state(kept);
    } catch (error) {
      log(`trial ${job.trial} begins again: ${messageOf(error)}`);
      kept = null;
    }
  }
  let seenMs = await modifiedMs();
  let carrying: Promise<void> = Promise.resolve();

  function modifiedMs(): Promise<number | null> {
    return stat(join(checkpoints, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
  }

  async function carryNow(): Promise<void> {
    const atMs = await modifiedMs();
    if (atMs === null || atMs === seenMs) return;
    const before = kept;
    kept = await artifacts.put(await readCheckpoint(checkpoints, name));
    seenMs = atMs;
    await report.state(kept);
    if (before !== null && before.sha256 !== kept.sha256) await artifacts.remove(before);
  }

  const carry = (): Promise<void> => {
    carrying = carrying.then(carryNow).catch((error: unknown) => {
      log(`the training state of trial ${job.trial} is not carried: ${messageOf(error)}`);
    });
    return carrying;
  };
  const timer = setInterval(() => void carry(), LOOK_MS);
  return {
    carry,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await carrying;
      removeTrainingState(checkpoints, checkpoint);
    },
  };
}
