/** Wall-clock time in milliseconds since 1970. The one place that reads it, so that tests can see who does. */
export function now(): number {
  return Date.now();
}

/** Starts a monotonic watch; the returned function tells the milliseconds since then, fractions included. */
export function stopwatch(): () => number {
  const start = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - start) / 1e6;
}
