import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock. */
  readonly onWait: () => void;
  readonly pollMs?: number;
}

/**
 * Waits until no other process of this machine holds the lock of that path, then takes it. The lock is a socket
 * in Linux's abstract name space: the kernel gives it back when its process ends, however it ends.
 * Returns the function that gives it back earlier.
 */
export async function takeLock(path: string, options: LockOptions): Promise<() => void> {
  const name = `\0platform-nas-${createHash('sha256').update(resolve(path)).digest('hex')}`;
  let reported = false;
  for (;;) {
    const release = await tryListen(name);
    if (release) return release;
    if (!reported) options.onWait();
    reported = true;
    await sleep(options.pollMs ?? 500, undefined, options.signal ? { signal: options.signal } : {});
  }
}

function tryListen(name: string): Promise<(() => void) | undefined> {
  const server = createServer();
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') done(undefined);
      else fail(error);
    });
    server.listen(name, () => {
      server.unref();
      done(() => {
        server.close();
      });
    });
  });
}
