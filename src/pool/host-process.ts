import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { entryFile, messageOf } from '../core/index.js';
import { fromHostSchema, type FromHost, type ToHost } from './messages.js';
import type { HostSpecInput } from './spec.js';

/** Seconds a host has to close by itself; its worker pool gives tasks and threads their time before. */
const CLOSE_SECONDS = 10;
/** Lines of a host's stderr that are kept. */
const LAST_LINES = 20;

export interface HostProcess {
  readonly pid: number | undefined;
  send(message: ToHost): void;
  /** Ends it immediately (SIGKILL). */
  kill(): void;
  /** Lets it close, and ends it when it does not; resolves when it is gone. */
  close(): Promise<void>;
}

export interface HostListener {
  message(message: FromHost): void;
  /** It is gone without having been closed. @param reason in one line */
  died(reason: string): void;
  /** A line that it or a library in it printed. */
  line(text: string): void;
}

/** Starts a host and sends it its specification. `environment` is all of the environment that it gets. */
export function startHost(
  spec: HostSpecInput,
  environment: Readonly<Record<string, string | undefined>>,
  listener: HostListener,
): HostProcess {
  const child = fork(entryFile(import.meta.url, 'host'), [], {
    env: { ...environment },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const words: string[] = [];
  let closing = false;
  let over = false;

  const hear = (line: string) => {
    words.push(line);
    if (words.length > LAST_LINES) words.shift();
    listener.line(line);
  };
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on('line', hear);

  const end = (how: string) => {
    if (over) return;
    over = true;
    if (!closing) listener.died([how, ...words.slice(-3)].join(' | '));
  };
  child.on('error', (error) => end(`the evaluator host could not be started: ${messageOf(error)}`));
  // `close` comes after the last line on stderr, `exit` may come before it
  child.on('close', (code, signal) => end(deathOf(code, signal)));
  child.on('message', (raw) => {
    if (over || closing) return;
    const parsed = fromHostSchema.safeParse(raw);
    if (parsed.success) return listener.message(parsed.data);
    hear(`a message that is not understood: ${messageOf(parsed.error)}`);
    child.kill('SIGKILL');
  });
  send({ kind: 'open', spec });

  function send(message: ToHost): void {
    // A host that is gone is noticed by its `close` event.
    if (child.connected) child.send(message, () => undefined);
  }
  return {
    pid: child.pid,
    send,
    kill: () => void child.kill('SIGKILL'),
    async close() {
      closing = true;
      if (over) return;
      const closed = once(child, 'close');
      send({ kind: 'close' });
      const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * CLOSE_SECONDS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function deathOf(code: number | null, signal: ChildProcess['signalCode']): string {
  if (signal === 'SIGKILL') return 'the evaluator host was killed (SIGKILL; out of memory?)';
  if (signal !== null) return `the evaluator host died of ${signal}`;
  return `the evaluator host exited with code ${code}`;
}
