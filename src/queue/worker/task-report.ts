import { stopwatch } from '../../core/index.js';
import type { Progress } from '../../trials/index.js';
import type { ArtifactRef } from '../artifacts/store.js';
import type { QueueJob } from '../connection/connect.js';
import type { TaskProgress } from '../wire/messages.js';
import { pack } from '../wire/packed.js';

/** Ms between two reports of a phase: the controller only shows them. */
const REPORT_MS = 1000;

/** Reports how a task gets on; what cannot be reported at the moment is left out. */
export interface TaskReport {
  progress(progress: Progress): void;
  /** The training's state is in the artifact store. Resolves when that is written down. */
  state(state: ArtifactRef): Promise<void>;
}

export function taskReport(queued: QueueJob, worker: string, lost: AbortSignal): TaskReport {
  const attempt = Math.max(1, queued.attemptsStarted);
  let latest: Progress | null = null;
  let state: ArtifactRef | null = null;
  let elapsed = stopwatch();
  let phase: Progress['phase'] | null = null;
  const write = async (): Promise<void> => {
    if (lost.aborted) return;
    const report: TaskProgress = { attempt, worker, progress: latest, state };
    await queued.updateProgress(pack(report));
  };
  return {
    progress(progress) {
      latest = progress;
      if (progress.phase === phase && progress.note === undefined && elapsed() < REPORT_MS) return;
      ({ phase } = progress);
      elapsed = stopwatch();
      write().catch(() => undefined);
    },
    async state(ref) {
      state = ref;
      await write();
    },
  };
}
