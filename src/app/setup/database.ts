import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nodeGyp } from '../../backends/index.js';
import { databaseAddon, nativePackage, NasError } from '../../core/index.js';
import { runProgram, type Environment } from '../../process/index.js';
import { copyPackage, type PackagesOptions } from './packages.js';

const require = createRequire(import.meta.url);

/** Longest wait for a prebuilt add-on: compiling takes about a minute. */
const PREBUILT_MS = 12_000;

/** True when the database's add-on is there and whole for this Node: another process loads and uses it. */
export async function databaseReady(
  directory: string,
  env: Environment,
  signal?: AbortSignal,
): Promise<boolean> {
  const place = nativePackage('better-sqlite3', directory);
  if (place === undefined) return false;
  const addon = databaseAddon(directory);
  const options = JSON.stringify(existsSync(addon) ? { nativeBinding: addon } : {});
  const program = `new (require(${JSON.stringify(place)}))(':memory:', ${options}).prepare('select 1').get()`;
  return (await runProgram(process.execPath, ['-e', program], { env, signal, timeoutMs: 60_000 })).code === 0;
}

/**
 * Puts the database's add-on for this Node in its place: a prebuilt one where one can be had quickly, else compiled from
 * its source. Both happen in a copy of the package; a build that was killed never spoils another.
 * @param detail hears what is being done
 * @throws NasError `NAS_SETUP_BUILD`
 */
export async function setupDatabase(options: PackagesOptions, detail: (text: string) => void): Promise<void> {
  const { directory, env, log, signal } = options;
  const addon = databaseAddon(directory);
  const work = await mkdtemp(join(directory, 'work-database-'));
  const made = join(work, 'build/Release/better_sqlite3.node');
  /** Whether what was made works in its place. */
  const install = async (): Promise<boolean> => {
    if (!existsSync(made)) return false;
    await mkdir(dirname(addon), { recursive: true });
    await copyFile(made, `${addon}.new`);
    await rename(`${addon}.new`, addon);
    return databaseReady(directory, env, signal);
  };
  try {
    await copyPackage('better-sqlite3', directory, work);
    const own = { cwd: work, env, log, signal };
    detail('asking for a prebuilt one');
    const prebuilt = require.resolve('prebuild-install/bin.js');
    await runProgram(process.execPath, [prebuilt], { ...own, timeoutMs: PREBUILT_MS });
    if (await install()) return;
    await rm(join(work, 'build'), { recursive: true, force: true });
    detail('compiling');
    const { code } = await nodeGyp(['rebuild', '--release'], own);
    if (code === 0 && (await install())) return;
    throw new NasError({
      code: 'NAS_SETUP_BUILD',
      found: 'node-gyp could not build the database (better-sqlite3)',
      expected: 'a compiler for C++20',
      fix: `read ${log}`,
    });
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
}
