import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Waits, without using the processor, until its input ends, which it does when the holder of the other end of the pipe
 * is gone, however that ended. Then it kills what was reported and has not ended since: `begin N` and `end N`, N as
 * `kill` takes it, a process or minus the number of a process group. Between `expect MARK` and the next `begin` a
 * process may have been started that nothing could report any more: the mark stands in its environment.
 */
const SCRIPT = `
trap '' HUP INT TERM
PATH=/usr/bin:/bin
targets= mark=
while read -r word value; do
  case $word in
    expect) mark=$value ;;
    begin) mark=; targets="$targets $value" ;;
    end) kept=; for one in $targets; do [ "$one" = "$value" ] || kept="$kept $one"; done; targets=$kept ;;
  esac
done
for one in $targets; do kill -KILL "$one"; done
[ -z "$mark" ] || grep -lsF "$MARK=$mark" /proc/[0-9]*/environ | while IFS=/ read -r _ _ one _; do
  kill -KILL "-$one" || kill -KILL "$one"
done
`;

/** Environment variable of what {@link SCRIPT} may have to look for. */
export const MARK = 'PLATFORM_NAS_CHILD';

/** Pause before a watcher that could not be started is tried again. */
const RETRY_MS = 1000;

/** Of this thread: a thread that ends by force takes what it started with it as well. */
const targets = new Set<number>();
let watcher: ChildProcess | null = null;

/**
 * Has a process or, with minus its number, a process group killed when this thread is gone before it.
 * @returns to be called when it has ended by itself
 */
export function watch(target: number): () => void {
  targets.add(target);
  send(`begin ${target}`);
  return () => {
    if (targets.delete(target)) send(`end ${target}`);
  };
}

/** Announces a process that is about to be started with that mark in its environment; null takes it back. */
export function expect(mark: string | null): void {
  send(`expect ${mark ?? ''}`);
}

function send(line: string): void {
  watcher ??= startWatcher();
  watcher.stdin?.write(`${line}\n`);
}

/** Starts another watcher for what still runs. */
function restart(): void {
  watcher = null;
  for (const target of targets) send(`begin ${target}`);
}

/** In a separate session, so that no terminal ends it, and with nothing of ours but the pipe. */
function startWatcher(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', SCRIPT], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { MARK },
  });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  // One that is gone is noticed by its `exit` event.
  child.stdin.on('error', () => undefined);
  child.on('error', (error: NodeJS.ErrnoException) => {
    // Without a shell there is nothing to try again; a system out of processes or memory may soon have some.
    if (error.code !== 'ENOENT') setTimeout(restart, RETRY_MS).unref();
  });
  child.on('exit', restart);
  return child;
}
