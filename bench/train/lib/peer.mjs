// One side of the bench: a process that takes a JSON command a line and answers with a JSON line.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { atEnd } from '../../lib/ending.mjs';

const KEPT_LINES = 15;

/** Starts a side. `ask` sends a command and rejects with what the side said when it failed or died. */
export function startPeer(name, command, args, environment) {
  const child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  // It may be in the middle of an hour of training.
  atEnd(() => child.kill('SIGKILL'));
  const words = [];
  const waiting = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    words.push(line);
    if (words.length > KEPT_LINES) words.shift();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { ok, error } = JSON.parse(line);
    const { resolve, reject } = waiting.shift();
    if (error === undefined) resolve(ok);
    else reject(new Error(`${name}: ${error}`));
  });
  const lost = (how) => {
    for (const { reject } of waiting.splice(0))
      reject(new Error([`${name} ${how}`, ...words.slice(-5)].join('\n')));
  };
  child.on('error', (error) => lost(`could not be started: ${error.message}`));
  child.on('close', (code, signal) => lost(`ended with ${signal ?? code}`));
  child.stdin.on('error', () => undefined);
  return {
    name,
    pid: child.pid,
    ask: (message) =>
      new Promise((resolve, reject) => {
        if (child.exitCode !== null || child.signalCode !== null)
          return reject(new Error([`${name} has ended`, ...words.slice(-5)].join('\n')));
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(message)}\n`);
      }),
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('close', resolve);
        child.stdin.end();
      }),
  };
}
