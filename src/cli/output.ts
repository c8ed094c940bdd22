import { withRuns } from '../app/index.js';
import { isNasError, messageOf } from '../core/index.js';
import { neutral, neutralJson, terminalText } from '../report/index.js';
import { createSink, isReaderGone, outputFailed, type Sink } from './sink.js';

/**
 * Where a command prints: results to standard output, progress and errors to standard error. No text steers the
 * terminal, even with names and messages from outside in it.
 */
export interface Output {
  readonly width: number;
  readonly colour: boolean;
  /** Progress may redraw its line. */
  readonly live: boolean;
  /**
   * The line that is redrawn, where `live`; null takes it away. Other output takes its place, and it comes
   * back when it is drawn next.
   */
  status(text: string | null): void;
  print(text: string): void;
  json(value: unknown): void;
  note(text: string): void;
  /**
   * From now on `keep` gets the lines that could not be written, those lost before first: the command continues without its
   * output, and its exit code does not reflect it.
   */
  keepLost(keep: (line: string) => void): void;
  /** Waits until everything is written. Resolves to the exit code: that given, or another where output was lost. */
  end(code: number): Promise<number>;
}

/** Back to the start of the line, and all of it away. */
const ERASE = '\r\u001b[2K';

/** Lines that are kept for {@link Output.keepLost} until it is called. */
const MOST_LOST = 1000;

/**
 * The real terminal; `NO_COLOR` and pipes get plain text. A stream that is closed or full ends no command: the rest
 * goes unwritten. A reader that closes early, as `head` does, is no error.
 */
export function terminal(): Output {
  const lost: string[] = [];
  let keep = (line: string): void => {
    if (lost.length < MOST_LOST) lost.push(line);
  };
  let kept = false;
  const onLost = (text: string): void => {
    for (const line of text.trimEnd().split('\n')) keep(line);
  };
  const out = createSink(process.stdout, onLost);
  const err = createSink(process.stderr, onLost);
  const tty = process.stdout.isTTY;
  const plain = process.env['NO_COLOR'] !== undefined || process.env['TERM'] === 'dumb';
  const colour = tty && !plain;
  let shown = false;
  const status = (text: string | null): void => {
    if (err.failure === undefined && (text !== null || shown))
      process.stderr.write(`${ERASE}${terminalText(text ?? '', colour)}`);
    shown = text !== null;
  };
  const write = (to: Sink, text: string): void => {
    status(null);
    to.write(text.endsWith('\n') ? text : `${text}\n`);
  };
  return {
    width: Math.max(40, process.stdout.columns || Number(process.env['COLUMNS']) || 100),
    colour,
    live: process.stderr.isTTY && !plain,
    status,
    print: (text) => {
      write(out, terminalText(text, colour));
    },
    json: (value) => {
      write(out, neutralJson(JSON.stringify(value, null, 2)));
    },
    note: (text) => {
      write(err, terminalText(text, colour));
    },
    keepLost(to) {
      kept = true;
      keep = to;
      for (const line of lost.splice(0)) to(line);
    },
    async end(code) {
      await Promise.all([out.flushed(), err.flushed()]);
      const failure = [out.failure, err.failure].find((one) => one !== undefined && !isReaderGone(one));
      if (kept || failure === undefined) return code;
      return Math.max(
        code,
        reportError(outputFailed(failure), (text) => {
          err.write(`${text}\n`);
        }),
      );
    },
  };
}

/**
 * Exit codes: 1 for a training that gave no network, 2 for an error of the user or the environment, 3 for a network
 * that misses its target latency, 70 for a bug of ours, 130 after Ctrl-C.
 */
export const EXIT = Object.freeze({
  ok: 0,
  failed: 1,
  serializedError: 2,
  overTarget: 3,
  bug: 70,
  interrupted: 130,
});

/** Code of the error that Ctrl-C makes; the pool's own has it too. */
export const STOPPED = 'NAS_STOPPED';

/** Whether it was thrown for Ctrl-C: that error itself, or another library's because of it. */
function isStop(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (isNasError(error) && error.code === STOPPED) || isStop(error.cause);
}

/**
 * One line for a person; for a bug of ours, how to see more.
 * @param runs the command's `--runs`
 */
export function reportError(error: unknown, note: (text: string) => void, runs?: string): number {
  if (isStop(error)) {
    note('stopped; the same command begins again');
    return EXIT.interrupted;
  }
  if (isNasError(error)) {
    const text = withRuns(error.message.replaceAll('\n', ' '), error.fix, runs);
    note(`error: ${neutral(text)} [${error.code}]`);
    return EXIT.serializedError;
  }
  note(`error: a bug in platform-nas: ${neutral(messageOf(error))} (NAS_DEBUG=1 shows where)`);
  if (process.env['NAS_DEBUG'] !== undefined && error instanceof Error) note(error.stack ?? '');
  return EXIT.bug;
}
