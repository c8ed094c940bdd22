import { stopwatch } from '../../core/index.js';

/** Ms between two beats of a record's writer. */
export const BEAT_MS = 2000;
/** Ms without a new beat after which its writer counts as gone: a busy machine may miss some. */
const SILENT_MS = 20_000;

/** Which writers live, by what a watcher sees of their beats: no clock of another machine is asked. */
export interface Liveness {
  /** Takes the beats as they are now. */
  see(beats: ReadonlyMap<string, number>): void;
  /** Whether it has beaten since it was first seen, and lately. */
  isLive(id: string): boolean;
  /** Ms since its last beat, or since it was first seen. */
  silentMs(id: string): number;
}

export function createLiveness(elapsedMs: () => number = stopwatch()): Liveness {
  const seen = new Map<string, { beat: number; atMs: number; beaten: boolean }>();
  return {
    see(beats) {
      const now = elapsedMs();
      for (const [id, beat] of beats) {
        const before = seen.get(id);
        if (before === undefined) seen.set(id, { beat, atMs: now, beaten: false });
        else if (before.beat !== beat) seen.set(id, { beat, atMs: now, beaten: true });
      }
      for (const id of seen.keys()) if (!beats.has(id)) seen.delete(id);
    },
    isLive(id) {
      const one = seen.get(id);
      return one !== undefined && one.beaten && elapsedMs() - one.atMs < SILENT_MS;
    },
    silentMs(id) {
      const one = seen.get(id);
      return one === undefined ? Infinity : elapsedMs() - one.atMs;
    },
  };
}
