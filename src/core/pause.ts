import { stopwatch } from './clock.js';

/** Lets timers, signals and messages of the process have their turn, where the last one is a while ago. */
export type Pause = () => Promise<void>;

/** Work without a pause holds the event loop about so long. */
const EVERY_MS = 10;

/** A pause for work that takes long without waiting for anything: to be awaited between its parts. */
export function createPause(): Pause {
  const elapsedMs = stopwatch();
  let last = elapsedMs();
  return async () => {
    if (elapsedMs() - last < EVERY_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    last = elapsedMs();
  };
}

/** Runs work that comes in parts, with a pause between them. */
export async function withPauses<T>(parts: Generator<void, T>, pause: Pause = createPause()): Promise<T> {
  for (;;) {
    const { done, value } = parts.next();
    if (done === true) return value;
    await pause();
  }
}

/** The same without a pause, where nothing waits for its turn. */
export function withoutPauses<T>(parts: Generator<void, T>): T {
  for (;;) {
    const { done, value } = parts.next();
    if (done === true) return value;
  }
}
