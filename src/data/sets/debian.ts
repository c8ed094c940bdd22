import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanFolders, ownFolder, removeFolder } from '../../core/index.js';
import { runProgram, type Environment, type ProgramResult } from '../../process/index.js';

/** Runs a program without a shell; it ends with this process. Failure is a value. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  options: { readonly env: Environment; readonly cwd: string; readonly signal?: AbortSignal | undefined },
) => Promise<Pick<ProgramResult, 'code' | 'stderr'>>;

export const runCommand: RunCommand = runProgram;

/** Where Debian's package `dataset-fashion-mnist` puts its files. */
export const debianFolder = '/usr/share/datasets/fashion-mnist';

/** A folder of another container is left alone for so long. */
const FOREIGN_HOURS = 24;

/**
 * Downloads a Debian package from the mirrors of this system and unpacks it below a folder of the user's; nothing is
 * installed and nothing needs root. apt checks the package by its signed lists; where those are not there, it fetches
 * them into the same folder.
 * @param parent the temporary folder is made in it, and is gone afterwards
 * @param use gets the folder that the package was unpacked into, which stands for `/`
 * @returns null when it was used, otherwise why not, in one line
 */
export async function withPackage(
  name: string,
  parent: string,
  {
    env,
    run,
    signal,
  }: { readonly env: Environment; readonly run: RunCommand; readonly signal?: AbortSignal | undefined },
  use: (root: string) => Promise<void>,
): Promise<string | null> {
  cleanFolders(parent, 'package', FOREIGN_HOURS);
  const folder = ownFolder(parent, 'package');
  const options = { env: { ...env, LC_ALL: 'C' }, cwd: folder, signal };
  try {
    if ((await run('apt-get', ['--version'], options)).code !== 0) return 'this system has no apt-get';
    let got = await run('apt-get', ['download', name], options);
    if (got.code !== 0) {
      const own = ownLists(folder);
      await run('apt-get', [...own, 'update'], options);
      got = await run('apt-get', [...own, 'download', name], options);
    }
    if (got.code !== 0) return why(got, 'apt-get download failed');
    const file = (await readdir(folder)).find((one) => one.startsWith(`${name}_`) && one.endsWith('.deb'));
    if (file === undefined) return 'apt-get left no package';
    const root = join(folder, 'root');
    mkdirSync(root);
    const unpacked = await run('dpkg-deb', ['--extract', join(folder, file), root], options);
    if (unpacked.code !== 0) return why(unpacked, 'dpkg-deb cannot unpack it');
    await use(root);
    return null;
  } finally {
    removeFolder(folder);
  }
}

/** The system's sources and keys, but lists and cache of our own. */
function ownLists(folder: string): readonly string[] {
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  mkdirSync(join(cache, 'archives/partial'), { recursive: true });
  const set = { 'Dir::State::Lists': lists, 'Dir::Cache': cache, 'APT::Sandbox::User': '' };
  return Object.entries(set).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

function why({ stderr }: Pick<ProgramResult, 'stderr'>, otherwise: string): string {
  const line = stderr.split('\n').find((text) => text.startsWith('E:')) ?? otherwise;
  return line.replace(/^E:\s*/, '').slice(0, 160);
}
