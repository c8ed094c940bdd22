// What the numbers depend on: machine, versions, what else ran. No host, user or folder names.
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function git(...args) {
  try {
    return execFileSync('git', args, {
      cwd: here,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

/** `versions`: what the two sides said of themselves. */
export function machine(versions) {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${process.platform} ${release().split('.').slice(0, 2).join('.')}`,
    node: process.version,
    commit: git('rev-parse', '--short', 'HEAD'),
    ...versions,
  };
}

/** Load averages of the last minute: who else worked while this was measured. */
export const load = () => Number(loadavg()[0].toFixed(2));
