import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/**
 * Runs a tool with its output going to the log, or nowhere; resolves with its exit status, null when it could not be started
 * or was killed. It gets its own process group, which is ended as a whole on abort or timeout.
 */
export async function runLogged(command, args, { cwd, env = process.env, log, signal, timeoutMs }) {
  signal?.throwIfAborted();
  const file = log === undefined ? 'ignore' : openSync(log, 'a');
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', file, file], detached: true });
  if (log !== undefined) closeSync(file);
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      // Already gone.
    }
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await new Promise((resolve) => {
      child.on('error', () => resolve(null));
      child.on('close', resolve);
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    signal?.throwIfAborted();
  }
}

/** Runs a program on this terminal to its end. Ctrl-C reaches it by itself; other signals are passed on. */
export function passThrough(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: 'inherit' });
  process.on('SIGINT', () => {}); // The child decides when it has stopped cleanly.
  for (const name of ['SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
