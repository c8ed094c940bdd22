import { BEAT_MS } from './liveness.js';
import type { Registry } from './registry.js';

/** A record that shows that its writer lives, until it is closed, which removes it. */
export interface Beating extends AsyncDisposable {
  /** Writes it now, as it has changed. */
  update(): Promise<void>;
}

/** @param record the present record, without its beat */
export async function keepBeating(registry: Registry, id: string, record: () => object): Promise<Beating> {
  let beat = 0;
  let closed = false;
  let writing: Promise<void> = Promise.resolve();
  // One after the other: an earlier record never overwrites a later one.
  const update = (): Promise<void> => {
    writing = writing
      .catch(() => undefined)
      .then(() => (closed ? undefined : registry.put(id, { ...record(), beat: beat++ })));
    return writing;
  };
  await update();
  const timer = setInterval(() => {
    // A server that is away is reported by the connection; the next beat follows.
    update().catch(() => undefined);
  }, BEAT_MS);
  return {
    update,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      closed = true;
      await writing.catch(() => undefined);
      await registry.remove(id).catch(() => undefined);
    },
  };
}
