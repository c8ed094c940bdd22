import { setMaxListeners } from 'node:events';

/**
 * Runs work with a signal that is aborted with the first of these; what listens to them is forgotten when the work is
 * over, so that a signal may outlive any number of it.
 */
export async function withSignals<T>(
  sources: readonly AbortSignal[],
  work: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  // As many as there is work at a time; Node takes more than ten for a leak.
  setMaxListeners(0, ...sources);
  const forward = sources.map((source) => () => either.abort(source.reason));
  sources.forEach((source, i) => source.addEventListener('abort', forward[i] as () => void, { once: true }));
  const aborted = sources.find((source) => source.aborted);
  if (aborted !== undefined) either.abort(aborted.reason);
  try {
    return await work(either.signal);
  } finally {
    sources.forEach((source, i) => source.removeEventListener('abort', forward[i] as () => void));
  }
}
