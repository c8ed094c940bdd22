import { setImmediate as macrotask } from 'node:timers/promises';

/** Lets waiting messages in when the last time was `everyMs` ago or longer; `clock` gives milliseconds. */
export function pauser(clock: () => number, everyMs: number): () => Promise<void> {
  let last = clock();
  return async () => {
    if (clock() - last < everyMs) return;
    await macrotask();
    last = clock();
  };
}
