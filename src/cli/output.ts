import { isNasError, messageOf } from '../core/index.js';

/** Where a command prints: results to standard output, progress and mistakes to standard error. */
export interface Output {
  readonly width: number;
  readonly colour: boolean;
  /** Progress may redraw its line. */
  readonly live: boolean;
  /**
   * The line that is redrawn, where `live`; null takes it away. Whatever else is printed takes its place, and it comes
   * back when it is drawn next.
   */
  status(text: string | null): void;
  print(text: string): void;
  json(value: unknown): void;
  note(text: string): void;
}

/** Back to the start of the line, and all of it away. */
const ERASE = '\r\u001b[2K';

/** The terminal as it is; `NO_COLOR` and pipes get plain text. A reader that closes early ends the program quietly. */
export function terminal(): Output {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const tty = process.stdout.isTTY;
  const plain = process.env['NO_COLOR'] !== undefined || process.env['TERM'] === 'dumb';
  let shown = false;
  const status = (text: string | null): void => {
    if (text !== null || shown) process.stderr.write(`${ERASE}${text ?? ''}`);
    shown = text !== null;
  };
  const write = (to: NodeJS.WriteStream, text: string): void => {
    status(null);
    to.write(`${text}\n`);
  };
  return {
    width: Math.max(40, process.stdout.columns || Number(process.env['COLUMNS']) || 100),
    colour: tty && !plain,
    live: process.stderr.isTTY && !plain,
    status,
    print: (text) => {
      write(process.stdout, text.replace(/\n$/, ''));
    },
    json: (value) => {
      write(process.stdout, JSON.stringify(value, null, 2));
    },
    note: (text) => {
      write(process.stderr, text.replace(/\n$/, ''));
    },
  };
}

/** Exit codes: 2 for a mistake of the user or of the surroundings, 70 for a bug of ours, 130 after Ctrl-C. */
export const EXIT = Object.freeze({ ok: 0, mistake: 2, bug: 70, interrupted: 130 });

/** Code of the error that Ctrl-C makes; the pool's own has it too. */
export const STOPPED = 'NAS_STOPPED';

/** Whether it was thrown for Ctrl-C: that error itself, or another library's because of it. */
function isStop(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (isNasError(error) && error.code === STOPPED) || isStop(error.cause);
}

/** One line for a person; a bug of ours says so and how to see more. */
export function reportError(error: unknown, note: (text: string) => void): number {
  if (isStop(error)) {
    note('stopped; the same command begins again');
    return EXIT.interrupted;
  }
  if (isNasError(error)) {
    note(`error: ${error.message.replaceAll('\n', ' ')} [${error.code}]`);
    return EXIT.mistake;
  }
  note(`error: a bug in platform-nas: ${messageOf(error)} (NAS_DEBUG=1 shows where)`);
  if (process.env['NAS_DEBUG'] !== undefined && error instanceof Error) note(error.stack ?? '');
  return EXIT.bug;
}
