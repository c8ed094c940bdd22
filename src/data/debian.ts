import { execFile } from 'node:child_process';
import { messageOf } from '../core/index.js';

/** What a command said and whether it succeeded; never throws for a command that fails or does not exist. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
) => Promise<{ readonly ok: boolean; readonly output: string }>;

/** Runs a command without a shell. */
export const runCommand: RunCommand = (command, args, signal) =>
  new Promise((resolve) => {
    execFile(
      command,
      args,
      { maxBuffer: 2 ** 24, ...(signal === undefined ? {} : { signal }) },
      (error, stdout, stderr) => {
        resolve({ ok: error === null, output: stdout + stderr + (error === null ? '' : messageOf(error)) });
      },
    );
  });

/** Where Debian's package `dataset-fashion-mnist` puts its files. */
export const debianFolder = '/usr/share/datasets/fashion-mnist';

/**
 * Installs a Debian package without questions, as root or by a sudo that asks for no password.
 * @returns null when it was installed, otherwise why not, in one line
 */
export async function installPackage(
  name: string,
  root: boolean,
  run: RunCommand,
  signal?: AbortSignal,
): Promise<string | null> {
  const become = root ? [] : ['sudo', '-n'];
  const aptGet = (...args: string[]) => {
    const words = [...become, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return run(words[0] ?? '', words.slice(1), signal);
  };
  if (!(await run('apt-get', ['--version'], signal)).ok) return 'this system has no apt-get';
  if (!root && !(await run('sudo', ['-n', 'true'], signal)).ok) return 'installing needs root or sudo';
  const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=60', name];
  if ((await aptGet(...install)).ok) return null;
  await aptGet('update');
  const { ok, output } = await aptGet(...install);
  if (ok) return null;
  const line = output.split('\n').find((text) => text.startsWith('E:')) ?? 'apt-get failed';
  return line.replace(/^E:\s*/, '').slice(0, 160);
}
