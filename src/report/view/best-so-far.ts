import { bindingMs, type TrialRow } from '../../trials/index.js';

/**
 * The best accuracy within all targets after each finished trial that raised it.
 * @param front the study's frontier: trials of its device and source only are compared with each other
 * @returns [trials finished until then, accuracy, trial], in order of time
 */
export function bestSoFar(
  rows: readonly TrialRow[],
  front: readonly TrialRow[],
  targetMs: number,
): readonly (readonly [number, number, number])[] {
  const device = front[0];
  const finished = rows
    .filter((row) => row.state !== 'running')
    .sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0) || a.trial - b.trial);
  const steps: (readonly [number, number, number])[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const [index, row] of finished.entries()) {
    const { state, kind, accuracy, latencyMs, also } = row;
    if (state !== 'done' || (kind !== 'sample' && kind !== 'netadapt') || accuracy === null) continue;
    if (row.fingerprint !== device?.fingerprint || row.latencySource !== device.latencySource) continue;
    if (
      accuracy <= best ||
      latencyMs === null ||
      bindingMs({ medianMs: latencyMs, also }, targetMs) > targetMs
    )
      continue;
    best = accuracy;
    steps.push([index + 1, accuracy, row.trial]);
  }
  return steps;
}
