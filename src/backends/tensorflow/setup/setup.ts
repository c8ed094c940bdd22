import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NasError, NATIVE_PACKAGES, now } from '../../../core/index.js';
import { buildBinding } from './binding.js';
import { downloadWheels } from './download.js';
import { describeInstallation, readInstallation, type Installation } from './layout.js';
import { takeLock } from './lock.js';
import { checkWheel, pinnedVersion, WHEEL_PINS, type WheelPins } from './pins.js';
import { findMissing, missingError } from './prerequisites.js';
import type { Environment } from '../../../process/index.js';
import {
  findWheel,
  NVIDIA_RULES,
  readMetadata,
  TENSORFLOW_RULES,
  unpackWheel,
  wheelVersion,
} from './unpack.js';
import { verifyInstallation, type Verification } from './verify.js';
import { requirementsOfExtra, TENSORFLOW_VERSION, WHEELS, type Flavour } from './wheels.js';

export interface SetupProgress {
  readonly stage: 'check' | 'wait' | 'download' | 'unpack' | 'build' | 'verify';
  /** Share of this stage that is done, in [0, 1], where it is known. */
  readonly fraction?: number;
  /** For people: `120 MB of 274 MB`. */
  readonly detail?: string;
}

export interface SetupOptions {
  readonly flavour: Flavour;
  /** The folder that holds one installation per flavour. */
  readonly directory: string;
  /** For child processes; PATH, proxies and pip's settings are taken from it. */
  readonly env: Environment;
  /** File that gets the output of pip and node-gyp; by default `setup.log` in the directory. */
  readonly log?: string;
  readonly onProgress?: (progress: SetupProgress) => void;
  readonly signal?: AbortSignal;
  /** What wheels must be; for tests. */
  readonly pins?: WheelPins;
  /** How the binding is tried before it is put in its place; for tests. */
  readonly verify?: typeof verifyInstallation;
}

export interface SetupResult {
  /** `ready` when it was there already. */
  readonly status: 'ready' | 'installed';
  readonly installation: Installation;
  /** Absent when it was there already: nothing is loaded then. */
  readonly verification?: Verification;
}

/**
 * Sets TensorFlow up for one flavour, or returns immediately where it is. Nothing half-made ever stands in the
 * installation's place: it is built next to it and renamed. An interrupted set-up keeps the wheels that had arrived.
 * Of two concurrent set-ups the second waits for the first.
 * @throws NasError `NAS_SETUP_…`, and the signal's reason
 */
export async function setupTensorflow(options: SetupOptions): Promise<SetupResult> {
  const { flavour, directory, env, signal } = options;
  const ready = readInstallation(directory, flavour);
  if (ready) return { status: 'ready', installation: ready };
  const progress = options.onProgress ?? (() => undefined);

  progress({ stage: 'check' });
  if (flavour === 'gpu' && directory.includes(':')) {
    throw new NasError({
      code: 'NAS_SETUP_FOLDER',
      found: `a colon in the path ${directory}`,
      expected: 'none: the search path of CUDA’s libraries has them between its folders',
      fix: 'set NAS_TENSORFLOW_DIR to a folder without one',
    });
  }
  const diskBytes = WHEELS[flavour].sizes.disk;
  const missing = await findMissing({ env, directory, diskBytes });
  if (missing.length > 0) throw await missingError(missing, env);
  const release = await takeLock(join(directory, flavour), {
    signal,
    onWait: () => {
      progress({ stage: 'wait', detail: 'another set-up is at work' });
    },
  });
  try {
    const made = readInstallation(directory, flavour);
    if (made) return { status: 'ready', installation: made };
    return await install({ ...options, log: options.log ?? join(directory, 'setup.log') }, progress);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new NasError({
      code: 'NAS_SETUP_DISK',
      found: `the disk is full, setting up in ${directory}`,
      fix: 'free some space and run the same command again, or set NAS_TENSORFLOW_DIR to a larger disk',
      cause: error,
    });
  } finally {
    release();
  }
}

type Installing = SetupOptions & { readonly log: string };

async function install(
  options: Installing,
  progress: (progress: SetupProgress) => void,
): Promise<SetupResult> {
  const { flavour, directory } = options;
  const work = join(directory, `work-${flavour}`);
  const wheels = join(work, 'wheels');
  const stage = join(work, 'stage');
  await mkdir(wheels, { recursive: true });
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });

  const found = await fetchWheels(wheels, options, progress);
  const all = [found.tensorflow, ...found.nvidia];
  for (const [index, wheel] of all.entries()) {
    progress({ stage: 'unpack', fraction: index / all.length, detail: wheel.slice(wheels.length + 1) });
    await unpackWheel(wheel, stage, index === 0 ? TENSORFLOW_RULES : NVIDIA_RULES, options);
  }
  progress({ stage: 'build' });
  await buildBinding({ ...options, work: join(work, 'binding'), stage });
  progress({ stage: 'verify' });
  const binding = join(stage, 'tfjs_binding.node');
  const verification = await (options.verify ?? verifyInstallation)(binding, options);

  const manifest = describeInstallation(stage, flavour, versionsOf(found), now());
  await writeFile(join(stage, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const place = join(directory, flavour);
  await rm(place, { recursive: true, force: true });
  await rename(stage, place);
  await rm(work, { recursive: true, force: true });
  const installation = readInstallation(directory, flavour);
  if (!installation) throw new Error(`${place} is not an installation although it was just made`);
  return { status: 'installed', installation, verification };
}

interface Wheels {
  readonly tensorflow: string;
  readonly nvidia: readonly string[];
}

/**
 * Downloads what is not there yet. The NVIDIA wheels are those that TensorFlow's own metadata asks for, in the versions
 * that are pinned.
 */
async function fetchWheels(
  wheels: string,
  options: Installing,
  progress: (progress: SetupProgress) => void,
): Promise<Wheels> {
  const { project, sizes } = WHEELS[options.flavour];
  const { pins = WHEEL_PINS } = options;
  let done = 0;
  const download = async (requirements: readonly string[]): Promise<void> => {
    let latest = 0;
    await downloadWheels(requirements, {
      ...options,
      directory: wheels,
      onBytes: (bytes) => {
        latest = bytes;
        progress({ stage: 'download', ...share(done + bytes, sizes.download) });
      },
    });
    done += latest;
  };
  let tensorflow = await findWheel(wheels, project, TENSORFLOW_VERSION);
  if (tensorflow === undefined) {
    progress({ stage: 'download', ...share(0, sizes.download) });
    await download([`${project}==${TENSORFLOW_VERSION}`]);
    tensorflow = await findWheel(wheels, project, TENSORFLOW_VERSION);
  }
  if (tensorflow === undefined) throw new Error(`pip left no wheel of ${project} in ${wheels}`);
  await checkWheel(tensorflow, pins);
  if (options.flavour === 'cpu') return { tensorflow, nvidia: [] };

  const nvidia: string[] = [];
  for (const requirement of requirementsOfExtra(await readMetadata(tensorflow, options), 'and-cuda')) {
    const name = /^[\w.-]+/.exec(requirement)?.[0] ?? requirement;
    const version = pinnedVersion(name, pins);
    if ((await findWheel(wheels, name, version)) === undefined) await download([`${name}==${version}`]);
    const wheel = await findWheel(wheels, name, version);
    if (wheel === undefined) throw new Error(`pip left no wheel of ${name} in ${wheels}`);
    await checkWheel(wheel, pins);
    nvidia.push(wheel);
  }
  return { tensorflow, nvidia };
}

function share(bytes: number, total: number): { fraction: number; detail: string } {
  const mb = (value: number): string => `${Math.round(value / 1e6)} MB`;
  return { fraction: Math.min(1, bytes / total), detail: `${mb(bytes)} of about ${mb(total)}` };
}

function versionsOf(wheels: Wheels): Record<string, string> {
  const nvidia = wheels.nvidia.map((wheel) => [
    /([^/]+?)-/.exec(wheel.slice(wheel.lastIndexOf('/')))?.[1],
    wheelVersion(wheel),
  ]);
  return {
    tensorflow: wheelVersion(wheels.tensorflow),
    'tfjs-node-gpu': NATIVE_PACKAGES['@tensorflow/tfjs-node-gpu'].version,
    ...(Object.fromEntries(nvidia) as Record<string, string>),
  };
}
