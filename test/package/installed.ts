import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, setupFolder } from '../../src/core/index.js';
import { afterAll, beforeAll } from 'vitest';
import { emptyFolder, stateOf, type Answer } from '../cli/nas.js';

/** Runs a program in a folder as a newcomer would, without this project's own settings. */
export function runIn(
  cwd: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NAS_|FORCE_COLOR|NODE_OPTIONS|npm_|VITEST|NODE_ENV)/i.test(name),
  );
  const child = spawn(command, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', COLUMNS: '100', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (piece: Buffer) => (texts[stream] += piece.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...texts }));
  });
}

const QUIET = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** Packs this project into a folder; the archive's path. */
async function pack(folder: string): Promise<string> {
  const { code, stderr } = await runIn(packageRoot(), 'npm', [
    'pack',
    '--pack-destination',
    folder,
    ...QUIET,
  ]);
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (code !== 0 || name === undefined) throw new Error(`npm pack: ${stderr}`);
  return join(folder, name);
}

/** Makes a folder with these packages installed. */
export async function installInto(folder: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "outside", "type": "module", "private": true }\n');
  const { code, stderr } = await runIn(folder, 'npm', ['install', ...packages, ...QUIET]);
  if (code !== 0) throw new Error(`npm install: ${stderr}`);
}

/**
 * A folder for `nas setup` that has TensorFlow and the database's add-on of this clone already, because building them
 * takes minutes; what npm brings is left to the command. Undefined where this clone has none.
 */
export function preparedFolder(folder: string): string | undefined {
  const own = setupFolder();
  if (!existsSync(join(own, 'cpu')) || !existsSync(join(own, 'database'))) return undefined;
  mkdirSync(folder, { recursive: true });
  for (const name of ['cpu', 'database']) symlinkSync(join(own, name), join(folder, name));
  return folder;
}

/** This project packed, and installed in an empty folder, before the tests of a file. */
export interface InstalledPackage {
  /** For all that the tests make; removed with them. */
  readonly folder: string;
  /** The folder that it is installed in. */
  readonly home: string;
  /** Only inside a test. */
  readonly archive: string;
  /** Runs one of its commands there. @param setup where TensorFlow and the others are set up, or not */
  npx(args: readonly string[], setup: string): Promise<Answer>;
}

export function installedPackage(): InstalledPackage {
  const folder = emptyFolder();
  const home = join(folder.path, 'home');
  let archive = '';
  beforeAll(async () => {
    archive = await pack(folder.path);
    await installInto(home, [archive]);
  }, 300_000);
  afterAll(() => folder[Symbol.dispose](), 300_000);
  return {
    folder: folder.path,
    home,
    get archive() {
      return archive;
    },
    npx: (args, setup) =>
      runIn(home, 'npx', ['--no', ...args], { NAS_TENSORFLOW_DIR: setup, XDG_STATE_HOME: stateOf(home) }),
  };
}
