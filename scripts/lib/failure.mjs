import { readFileSync } from 'node:fs';

/** Something that the user can mend: one line that says what is wrong, and the mend. */
export class Failure extends Error {
  constructor(found, fix) {
    super(fix === undefined ? found : `${found}. fix: ${fix}`);
    this.expected = true;
  }
}

/** What is printed for whatever was thrown: a line, and the end of the log where tools wrote something. */
export function describeFailure(error, log) {
  const known = error.expected === true || String(error.code).startsWith('NAS_');
  const lines = [known ? error.message : `set-up failed: ${String(error.message).split('\n')[0]}`];
  const tail = logTail(log, 12);
  if (tail.length > 0) lines.push('', `the end of ${log}:`, ...tail.map((line) => `  ${line}`));
  return lines.join('\n');
}

function logTail(log, count) {
  try {
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    return lines
      .filter((line) => line.trim() !== '')
      .slice(-count)
      .map((line) => line.slice(0, 200));
  } catch {
    return [];
  }
}
