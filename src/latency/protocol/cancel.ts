/** How often it is asked whether calls that may take minutes are to be ended, ms. */
const LOOK_MS = 100;

/**
 * Cancels a device's calls once `stop` returns true; checks it only while calls are running.
 * @param cancel absent where nothing can be cancelled
 * @returns to be called when the calls are over
 */
export function cancelOnStop(cancel: (() => void) | undefined, stop: () => boolean): () => void {
  if (cancel === undefined) return () => undefined;
  const look = setInterval(() => {
    if (stop()) cancel();
  }, LOOK_MS);
  return () => clearInterval(look);
}
