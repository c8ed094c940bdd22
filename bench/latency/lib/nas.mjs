// Runs the product's own commands, as a user does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../../lib/ending.mjs';

const program = fileURLToPath(new URL('../../../dist/cli/nas.js', import.meta.url));

/** Runs `nas ARGS` and resolves to what it printed. Throws its last words when it fails. */
export async function nas(args, environment = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const forget = atEnd(() => child.kill('SIGKILL'));
  const taken = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'])
    child[stream].setEncoding('utf8').on('data', (text) => (taken[stream] += text));
  const [code, signal] = await once(child, 'close');
  forget();
  if (code === 0) return taken.stdout;
  throw new Error(`nas ${args[0]} ended with ${signal ?? code}: ${taken.stderr.trim().split('\n').at(-1)}`);
}
