import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until no other process holds the lock of that name, then takes it until this process ends. As in
 * backends/tensorflow/setup/lock.ts, which is not compiled yet when this one is needed.
 */
export async function takeLock(path, onWait) {
  const name = `\0platform-nas-${createHash('sha256').update(path).digest('hex')}`;
  for (let reported = false; ; reported = true) {
    const server = createServer();
    const taken = await new Promise((resolve, reject) => {
      server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
      server.listen(name, () => resolve(true));
    });
    if (taken) {
      server.unref();
      return () => server.close();
    }
    if (!reported) onWait();
    await sleep(500);
  }
}
