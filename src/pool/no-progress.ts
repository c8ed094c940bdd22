import { stopwatch } from '../core/index.js';

/** Most seconds between two checks of a task. */
const LOOK_SECONDS = 5;

export interface NoProgressOptions {
  /** A number that changes whenever the task gets on. */
  readonly read: () => number;
  readonly idleSeconds: number;
  /** Called at a look that finds it changed. */
  readonly alive: () => void;
  /** Called once, when it has not changed for so long. */
  readonly idle: () => void;
}

/** Watches a task: however long it takes, it is ended only when nothing comes of it any more. Returns what ends the watch. */
export function watchProgress({ read, idleSeconds, alive, idle }: NoProgressOptions): () => void {
  let seen = read();
  let since = stopwatch();
  const look = (): void => {
    const now = read();
    if (now !== seen) {
      seen = now;
      since = stopwatch();
      return alive();
    }
    if (since() < 1000 * idleSeconds) return;
    clearInterval(timer);
    idle();
  };
  const timer = setInterval(look, 1000 * Math.min(LOOK_SECONDS, idleSeconds / 4));
  return () => clearInterval(timer);
}

export function noProgress(seconds: number): string {
  return `no progress for ${seconds} s`;
}
