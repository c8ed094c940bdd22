/** Read again each time: it may change during every await, which the type checker does not know. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
