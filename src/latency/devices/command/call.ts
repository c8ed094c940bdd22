import { statSync } from 'node:fs';
import { messageOf, NasError } from '../../../core/index.js';
import { startGroup, type Group } from '../../../process/index.js';
import { lineCollector } from '../last-lines.js';

/** More output than this ends the call. */
const MOST_OUTPUT = 1024 * 1024;
/** A program that left something running with its output open is not waited for longer, ms. */
const AFTER_EXIT_MS = 1000;

/** Exit code by which a program says that its device is away at the moment: EX_TEMPFAIL of sysexits.h. */
const AWAY = 75;

export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** How the program is called in messages. */
  readonly shown: string;
  /** It may write nothing, to either output, for so long. */
  readonly deadlineMs: number;
  /** Ends the call; its reason is thrown. */
  readonly signal: AbortSignal;
  /** All of the environment that it gets, the agents' tokens left out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called with each line of its standard error. */
  readonly onLine: (line: string) => void;
  /** Called whenever it writes something. */
  readonly alive?: (() => void) | undefined;
}

/**
 * Runs a program to its end and returns its standard output. No shell; a separate process group, so that all it
 * started ends with it, and with this process.
 * @throws NasError `NAS_COMMAND_START`, `NAS_COMMAND_FAILED`, `NAS_COMMAND_AWAY`, `NAS_COMMAND_LATE` or `NAS_COMMAND_OUTPUT`
 */
export function callProgram(call: Call): Promise<string> {
  const { program, args, shown, deadlineMs, signal, environment, onLine, alive } = call;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const errors = lineCollector(onLine);
    const segments: Buffer[] = [];
    let taken = 0;
    let group: Group;
    try {
      group = startGroup(program, args, {
        env: { ...environment, NAS_AGENT_TOKEN: undefined, NAS_AGENT_TOKENS: undefined },
      });
    } catch (cause) {
      return reject(cannotStart(program, cause));
    }
    const { child } = group;

    const fail = (error: unknown): void => {
      finish();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const aborted = (): void => fail(signal.reason);
    const deadline = setTimeout(() => fail(late(shown, deadlineMs, errors.lastWords())), deadlineMs);
    let grace: NodeJS.Timeout | undefined;
    let done = false;
    signal.addEventListener('abort', aborted, { once: true });

    function finish(): void {
      done = true;
      clearTimeout(deadline);
      clearTimeout(grace);
      signal.removeEventListener('abort', aborted);
      group.end();
      child.stdout.destroy();
      child.stderr.destroy();
    }
    function end(code: number | null, name: string | null): void {
      if (done) return;
      errors.end();
      finish();
      const stdout = Buffer.concat(segments).toString('utf8');
      if (code === 0) return resolve(stdout);
      const words = errors.lastWords() || lastLine(stdout);
      reject(
        code === AWAY ? away(shown, words) : failed(shown, name ?? `exit code ${code ?? 'unknown'}`, words),
      );
    }

    const heard = (): void => {
      deadline.refresh();
      alive?.();
    };
    child.stdout.on('data', (segment: Buffer) => {
      heard();
      taken += segment.length;
      if (taken <= MOST_OUTPUT) segments.push(segment);
      else if (!done) fail(tooMuch(shown));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      heard();
      errors.take(text);
    });
    child.on('error', (error) => {
      if (!done) fail(cannotStart(program, error));
    });
    child.on('exit', (code, name) => {
      if (!done) grace = setTimeout(() => end(code, name), AFTER_EXIT_MS);
    });
    child.on('close', end);
  });
}

const lastLine = (text: string): string =>
  (text.trimEnd().split('\n').at(-1) ?? '').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 300);

function cannotStart(program: string, cause: unknown): NasError {
  const { code } = cause as NodeJS.ErrnoException;
  const there = program.includes('/') && statSync(program, { throwIfNoEntry: false })?.isFile() === true;
  const [found, fix] =
    code === 'EACCES'
      ? [
          `${program} may not be executed`,
          `chmod +x ${program}, or name its interpreter: command:python3 ${program}`,
        ]
      : code === 'ENOENT' && there
        ? [`the interpreter in the first line of ${program} is not there`, 'install it, or correct that line']
        : code === 'ENOENT'
          ? [`no program ${program}`, 'give its path, or install it; no shell looks for aliases or expands ~']
          : [`${program} cannot be started (${messageOf(cause)})`, 'run it yourself in a terminal'];
  return new NasError({
    code: 'NAS_COMMAND_START',
    found,
    expected: 'a program to run',
    fix,
    fault: 'permanent',
    cause,
  });
}

function failed(shown: string, how: string, words: string): NasError {
  return new NasError({
    code: 'NAS_COMMAND_FAILED',
    found: `${shown} ended with ${how}${words === '' ? '' : `: ${words}`}`,
    expected: 'exit code 0',
    fix: `run it yourself: ${shown} --model FILE.onnx --runs 5 --warmup 1`,
  });
}

function away(shown: string, words: string): NasError {
  return new NasError({
    code: 'NAS_COMMAND_AWAY',
    found: `${shown} says that its device is away (exit code ${AWAY})${words === '' ? '' : `: ${words}`}`,
    expected: 'a device that answers',
    fix: 'connect it again',
    fault: 'transient',
  });
}

function late(shown: string, deadlineMs: number, words: string): NasError {
  return new NasError({
    code: 'NAS_COMMAND_LATE',
    found: `${shown} did not end within ${deadlineMs / 1000} s${words === '' ? '' : `: ${words}`}`,
    expected: 'an end of each call, or another line on standard error, within that time',
    fix: 'see whether its device answers; the program can set a shorter limit itself: command:timeout 60 PROGRAM',
  });
}

function tooMuch(shown: string): NasError {
  return new NasError({
    code: 'NAS_COMMAND_OUTPUT',
    found: `${shown} printed more than 1 MB on standard output`,
    expected: 'one line of JSON',
    fix: 'let it print its log on standard error',
  });
}
