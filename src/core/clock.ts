/** Wall-clock time in milliseconds since 1970. The one place that reads it, so that tests can see who does. */
export function now(): number {
  return Date.now();
}

/** Starts a monotonic stopwatch; the returned function gives the elapsed milliseconds, with fractions. */
export function stopwatch(): () => number {
  const start = process.hrtime.bigint();
  return () => Number(process.hrtime.bigint() - start) / 1e6;
}
