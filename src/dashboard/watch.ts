import { changesBetween, stampsIn } from './files.js';

type Listener = (studies: readonly string[]) => void;

/** Watches the studies' files while there is a listener. */
export interface Watch extends Disposable {
  /** @returns stops listening */
  listen(listener: Listener): () => void;
}

export function watchStudies(runs: string, everyMs: number): Watch {
  const listeners = new Set<Listener>();
  let stamps = stampsIn(runs);
  let timer: NodeJS.Timeout | null = null;

  const look = (): void => {
    const next = stampsIn(runs);
    const changed = changesBetween(stamps, next);
    stamps = next;
    if (changed.length > 0) for (const listener of listeners) listener(changed);
  };
  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  return {
    listen(listener) {
      if (timer === null) {
        stamps = stampsIn(runs);
        timer = setInterval(look, everyMs);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    [Symbol.dispose]: stop,
  };
}
