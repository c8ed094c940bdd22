import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  NATIVE_PACKAGES,
  nativePackage,
  nativePackages,
  NasError,
  type NativePackage,
} from '../../core/index.js';
import { runProgram, type Environment } from '../../process/index.js';

export interface PackagesOptions {
  /** What `nas setup` makes lies here. */
  readonly directory: string;
  readonly env: Environment;
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
}

const NAMES = Object.keys(NATIVE_PACKAGES) as NativePackage[];

/** True when every package whose install script must not run is there. */
export function packagesReady(directory: string): boolean {
  return NAMES.every((name) => nativePackage(name, directory) !== undefined);
}

/**
 * Brings those packages by `npm pack`, so that the user's registry, proxy and cache hold, compares each archive with the
 * SHA-512 that is known and unpacks what this machine needs. None of their scripts runs. Of two at the same time the first wins.
 * @throws NasError `NAS_SETUP_NPM`, `NAS_SETUP_NETWORK`, `NAS_SETUP_DISK` or `NAS_SETUP_HASH`
 */
export async function setupPackages(options: PackagesOptions): Promise<void> {
  const { directory, env, log, signal } = options;
  const place = nativePackages(directory);
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(directory, 'work-packages-'));
  try {
    const wanted = NAMES.map((name) => `${name}@${NATIVE_PACKAGES[name].version}`);
    const [command, ...before] = npm(env);
    const args = [
      ...before,
      'pack',
      ...wanted,
      '--pack-destination',
      work,
      '--prefer-offline',
      '--ignore-scripts',
    ];
    const packed = await runProgram(command, args, { env, cwd: work, log, signal });
    if (packed.code !== 0) throw npmError(packed, log);
    for (const name of NAMES) {
      const archive = join(
        work,
        `${name.replace('@', '').replace('/', '-')}-${NATIVE_PACKAGES[name].version}.tgz`,
      );
      await checkArchive(archive, NATIVE_PACKAGES[name].integrity);
      await unpack(archive, join(work, 'node_modules', name), options);
    }
    await mkdir(place, { recursive: true });
    await rm(join(place, 'node_modules'), { recursive: true, force: true });
    await rename(join(work, 'node_modules'), join(place, 'node_modules')).catch((error: unknown) => {
      if (!packagesReady(directory)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** npm as it runs this command, else the one on PATH. */
function npm(env: Environment): readonly [string, ...string[]] {
  const script = env['npm_execpath'];
  return script !== undefined && basename(script) === 'npm-cli.js' ? [process.execPath, script] : ['npm'];
}

async function checkArchive(archive: string, expected: string): Promise<void> {
  const found = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (found === expected) return;
  throw new NasError({
    code: 'NAS_SETUP_HASH',
    found: `${basename(archive)} with ${found}`,
    expected,
    fix: 'nothing of it was used: use the npm registry or a mirror of it (npm config get registry), and run the same command again',
  });
}

/** npm's archives have one folder; binaries of other systems stay packed. Python is there: TensorFlow's wheel needs it too. */
const UNPACK = `
import os, sys, tarfile
source, target, keep = sys.argv[1], os.path.realpath(sys.argv[2]), sys.argv[3]
with tarfile.open(source) as archive:
    for member in archive:
        name = member.name.split("/", 1)[-1]
        if not member.isfile() or (name.startswith("bin/napi-") and keep not in name):
            continue
        place = os.path.realpath(os.path.join(target, name))
        if not place.startswith(target + os.sep):
            sys.exit("member outside of the folder: " + name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with archive.extractfile(member) as data, open(place, "wb") as sink:
            sink.write(data.read())
`;

async function unpack(archive: string, target: string, { env, log, signal }: PackagesOptions): Promise<void> {
  await mkdir(target, { recursive: true });
  const keep = `/${process.platform}/${process.arch}/`;
  const { code, stderr } = await runProgram('python3', ['-c', UNPACK, archive, target, keep], {
    env,
    log,
    signal,
  });
  if (code === 0) return;
  throw /no space left/i.test(stderr)
    ? diskFull()
    : npmFailed(`${basename(archive)} cannot be unpacked`, log);
}

function npmError(result: { readonly absent: boolean; readonly stderr: string }, log: string): NasError {
  if (result.absent) {
    return new NasError({
      code: 'NAS_SETUP_NPM',
      found: 'no npm',
      expected: 'the npm that comes with Node',
      fix: 'install npm, or start the command with npx',
    });
  }
  if (/ENOSPC/.test(result.stderr)) return diskFull();
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENETUNREACH/.test(result.stderr)) {
    return new NasError({
      code: 'NAS_SETUP_NETWORK',
      found: 'npm cannot reach the package registry',
      expected: 'a network connection',
      fix: 'connect, or point npm at your mirror (npm config set registry URL), then run the same command again',
    });
  }
  return npmFailed('npm pack failed', log);
}

const npmFailed = (found: string, log: string): NasError =>
  new NasError({ code: 'NAS_SETUP_NPM', found, fix: `read ${log}` });

const diskFull = (): NasError =>
  new NasError({
    code: 'NAS_SETUP_DISK',
    found: 'the disk is full while unpacking packages',
    fix: 'free some space and run the same command again',
  });

/** Copies a package to a work folder, without what was built in it. */
export async function copyPackage(name: NativePackage, directory: string, work: string): Promise<void> {
  const source = nativePackage(name, directory);
  if (source === undefined) throw new Error(`${name} was not brought before it is built`);
  await cp(source, work, { recursive: true, filter: (path) => path !== join(source, 'build') });
}
