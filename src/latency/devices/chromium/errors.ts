import { messageOf, NasError } from '../../../core/index.js';

export function cannotStart(executable: string, why: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_CHROMIUM_START',
    found: `${executable} does not start (${why})`,
    fix: `see whether "${executable} --headless about:blank" runs, or set NAS_CHROMIUM to another Chromium or Chrome`,
    fault: 'transient',
    cause,
  });
}

export function ended(what: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_CHROMIUM_ENDED',
    found: `Chromium ended while ${what}`,
    fix: 'try again: the next network starts a new one; if it stays so, free memory or use a smaller --latency-batch',
    fault: 'unclear',
    cause,
  });
}

export function late(what: string, limitMs: number): NasError {
  return new NasError({
    code: 'NAS_CHROMIUM_LATE',
    found: `Chromium did not answer within ${Math.ceil(limitMs / 1000)} s while ${what}; it was ended`,
    fix: 'try again: the next network starts a new one; if it stays so, see what else the machine does',
    fault: 'unclear',
  });
}

export function refused(what: string, why: string): NasError {
  return new NasError({
    code: 'NAS_CHROMIUM_REFUSED',
    found: `ONNX Runtime Web failed while ${what} (${why})`,
    fix: 'use a smaller --latency-batch if it ran out of memory; else please report it',
  });
}

export function closed(): NasError {
  return new NasError({ code: 'NAS_STOPPED', found: 'Chromium was closed' });
}

/** What the browser itself says in the log of a failed launch, else the first line. */
export function launchProblem(error: unknown): string {
  const lines = (error instanceof Error ? error.message : '').split('\n');
  const said = lines.map((line) => /\[err\]\s+(\S.*)$/.exec(line)?.[1]);
  return (
    said.find((line) => line !== undefined && /error|fatal|fail/i.test(line)) ?? messageOf(error)
  ).slice(0, 300);
}
