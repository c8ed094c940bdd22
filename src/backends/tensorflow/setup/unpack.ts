import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NasError } from '../../../core/index.js';
import { runProgram, type Environment } from '../../../process/index.js';

/** Where members of a wheel go: those whose name starts with `from` and ends with `ending` go below `to`. */
export interface UnpackRule {
  readonly from: string;
  readonly to: string;
  readonly ending?: string;
  /** Members with this in their name stay. */
  readonly without?: string;
}

/** The two libraries, and those headers that the C interface includes. */
export const TENSORFLOW_RULES: readonly UnpackRule[] = [
  { from: 'tensorflow/libtensorflow_cc.so.2', to: 'lib/libtensorflow_cc.so.2' },
  { from: 'tensorflow/libtensorflow_framework.so.2', to: 'lib/libtensorflow_framework.so.2' },
  ...['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/platform/', 'xla/tsl/c/'].map((folder) => ({
    from: `tensorflow/include/${folder}`,
    to: `include/${folder}`,
    ending: '.h',
  })),
];

/** TensorFlow's RUNPATH searches CUDA in `../nvidia/*` next to its own folder; headers are not needed. */
export const NVIDIA_RULES: readonly UnpackRule[] = [{ from: 'nvidia/', to: 'nvidia/', without: '/include/' }];

/** Python's zipfile checks each member's CRC while it reads; members that would leave the folder are refused. */
const UNPACK = `
import json, os, shutil, sys, zipfile
wheel, target, rules = sys.argv[1], os.path.realpath(sys.argv[2]), json.loads(sys.argv[3])
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        if member.is_dir():
            continue
        for rule in rules:
            name, without = member.filename, rule.get("without")
            if not (name.startswith(rule["from"]) and name.endswith(rule.get("ending", ""))):
                continue
            if without and without in name:
                continue
            place = os.path.realpath(os.path.join(target, rule["to"] + name[len(rule["from"]):]))
            if not place.startswith(target + os.sep):
                sys.exit("member outside of the folder: " + name)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with archive.open(member) as source, open(place, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            if (member.external_attr >> 16) & 0o111:
                os.chmod(place, 0o755)
            break
`;

const READ = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    sys.stdout.write(archive.read(name).decode("utf-8", "replace").split("\\n\\n")[0])
`;

export interface WheelOptions {
  readonly env: Environment;
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks the members that the rules name.
 * @throws NasError `NAS_SETUP_DISK` or `NAS_SETUP_WHEEL` (damaged)
 */
export async function unpackWheel(
  wheel: string,
  target: string,
  rules: readonly UnpackRule[],
  options: WheelOptions,
): Promise<void> {
  const result = await runProgram('python3', ['-c', UNPACK, wheel, target, JSON.stringify(rules)], options);
  if (result.code !== 0) throw wheelError(wheel, result.stderr);
}

/** The headers of a wheel's METADATA. @throws NasError `NAS_SETUP_WHEEL` when it cannot be read */
export async function readMetadata(wheel: string, options: WheelOptions): Promise<string> {
  const { log: _log, ...quiet } = options;
  const result = await runProgram('python3', ['-c', READ, wheel], quiet);
  if (result.code !== 0) throw wheelError(wheel, result.stderr);
  return result.stdout;
}

/** The wheel of a project in a folder, or undefined. Wheel names have `_` where project names have `-`. */
export async function findWheel(
  directory: string,
  project: string,
  version = '',
): Promise<string | undefined> {
  const names = await readdir(directory).catch(() => []);
  const prefix = `${project.replaceAll('-', '_')}-${version}`;
  const name = names.find((item) => item.startsWith(prefix) && item.endsWith('.whl'));
  return name === undefined ? undefined : join(directory, name);
}

/** The version in a wheel's file name. */
export function wheelVersion(wheel: string): string {
  return /[^/]*?-([^-/]+)-[^/]*\.whl$/.exec(wheel)?.[1] ?? 'unknown';
}

function wheelError(wheel: string, stderr: string): NasError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  if (/no space left|errno 28/i.test(stderr)) {
    return new NasError({
      code: 'NAS_SETUP_DISK',
      found: `the disk is full while unpacking ${wheel}`,
      fix: 'free some space and run the same command again, or set NAS_TENSORFLOW_DIR to a larger disk',
    });
  }
  return new NasError({
    code: 'NAS_SETUP_WHEEL',
    found: `${wheel} cannot be unpacked (${last})`,
    expected: 'a whole wheel',
    fix: `rm ${wheel} and run the same command again`,
  });
}
