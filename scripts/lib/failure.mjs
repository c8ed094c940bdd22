import { readFileSync } from 'node:fs';

/** Something that the user can fix: one line that says what is wrong, the fix, and the log of the tool at fault. */
export class Failure extends Error {
  constructor(found, fix, log) {
    super(fix === undefined ? found : `${found}. fix: ${fix}`);
    this.expected = true;
    this.log = log;
  }
}

/** What is printed for any thrown value: a line, and the end of the log where tools wrote something. */
export function describeFailure(error, log) {
  const known = error.expected === true || String(error.code).startsWith('NAS_');
  const lines = [known ? error.message : `set-up failed: ${String(error.message).split('\n')[0]}`];
  const read = error.log ?? log;
  const tail = logTail(read, 12);
  if (tail.length > 0) lines.push('', `the end of ${read}:`, ...tail.map((line) => `  ${line}`));
  return lines.join('\n');
}

/** Empty lines and the frames of the tools' own stack traces, which stay in the log. */
const NOISE = /^\s*$|^(npm error|gyp ERR! stack|gyp ERR!)?\s*(at .*:\d+:\d+\)?( \{)?)?$/;

function logTail(log, count) {
  try {
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    return lines
      .filter((line) => !NOISE.test(line))
      .slice(-count)
      .map((line) => line.slice(0, 200));
  } catch {
    return [];
  }
}
