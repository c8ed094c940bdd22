import { mkdir, statfs } from 'node:fs/promises';
import { formatBytes, NasError } from '../../../core/index.js';
import { findProgram, runProgram, type Environment } from '../../../process/index.js';

export type { Environment } from '../../../process/index.js';

/** Something the set-up needs and this machine lacks. */
export interface Missing {
  readonly code: string;
  /** What was met: `no C++ compiler (g++)`. */
  readonly found: string;
  readonly expected: string;
  /** Debian's and Fedora's packages that bring it; empty when a package is not the fix. */
  readonly packages: { readonly apt: readonly string[]; readonly dnf: readonly string[] };
  /** The fix where it is not a package. */
  readonly fix?: string;
}

export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly node: string;
  /** glibc's version; undefined on another C library, such as Alpine's musl. */
  readonly glibc: string | undefined;
}

export interface PrerequisiteOptions {
  readonly env: Environment;
  /** Where the installation goes, and how many bytes it needs there. */
  readonly directory: string;
  readonly diskBytes: number;
  readonly machine?: Machine;
}

/** Everything that is missing, in the order in which it is needed; empty when set-up can begin. */
export async function findMissing(options: PrerequisiteOptions): Promise<readonly Missing[]> {
  const platform = unsupported(options.machine ?? thisMachine());
  if (platform) return [platform];
  const found = await Promise.all([
    python(options.env),
    compiler(options.env),
    make(options.env),
    disk(options),
  ]);
  return found.flat();
}

/** One error for all that is missing, with one command that brings it. */
export async function missingError(missing: readonly Missing[], env: Environment): Promise<NasError> {
  const [first] = missing;
  if (!first) throw new RangeError('nothing is missing');
  const apt = missing.flatMap((item) => item.packages.apt);
  const dnf = missing.flatMap((item) => item.packages.dnf);
  const hasDnf = (await findProgram(['apt-get'], env)) === undefined && (await findProgram(['dnf'], env));
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  const install = hasDnf
    ? `${sudo}dnf install -y ${dnf.join(' ')}`
    : `${sudo}apt-get update && ${sudo}apt-get install -y ${apt.join(' ')}`;
  const fixes = [...(apt.length > 0 ? [install] : []), ...missing.flatMap((item) => item.fix ?? [])];
  return new NasError({
    code: first.code,
    found: missing.map((item) => item.found).join(', '),
    expected: missing.map((item) => item.expected).join(', '),
    fix: fixes.join('; '),
  });
}

/** The compilers that node-gyp's make files are to use. */
export async function findCompilers(env: Environment): Promise<{ CC: string; CXX: string } | undefined> {
  const CXX = await findProgram(
    env['CXX'] ? [env['CXX'].split(' ')[0] ?? ''] : ['g++', 'clang++', 'c++'],
    env,
  );
  const CC = await findProgram(env['CC'] ? [env['CC'].split(' ')[0] ?? ''] : ['gcc', 'clang', 'cc'], env);
  return CXX === undefined || CC === undefined ? undefined : { CC: env['CC'] ?? CC, CXX: env['CXX'] ?? CXX };
}

function thisMachine(): Machine {
  const report = process.report.getReport() as unknown as { header?: { glibcVersionRuntime?: string } };
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    glibc: report.header?.glibcVersionRuntime,
  };
}

const NONE = { apt: [], dnf: [] } as const;

function unsupported(machine: Machine): Missing | undefined {
  if (machine.platform !== 'linux' || machine.arch !== 'x64') {
    return {
      code: 'NAS_SETUP_PLATFORM',
      found: `${machine.platform} on ${machine.arch}`,
      expected: 'Linux on x64, for TensorFlow',
      packages: NONE,
      fix: 'use a Linux x64 machine or container (on Windows: WSL 2)',
    };
  }
  if (!atLeast(machine.node, [20, 19])) {
    return {
      code: 'NAS_SETUP_NODE',
      found: `Node ${machine.node}`,
      expected: 'Node 20.19 or newer',
      packages: NONE,
      fix: 'install Node 22 or 24 from your distribution or nodejs.org',
    };
  }
  if (machine.glibc === undefined || !atLeast(machine.glibc, [2, 27])) {
    return {
      code: 'NAS_SETUP_PLATFORM',
      found: machine.glibc === undefined ? 'a Linux without glibc' : `glibc ${machine.glibc}`,
      expected: "glibc 2.27 or newer, as TensorFlow's wheel needs",
      packages: NONE,
      fix: 'use Debian 10, Ubuntu 18.04, Fedora 28 or newer, not Alpine',
    };
  }
  return undefined;
}

async function python(env: Environment): Promise<Missing[]> {
  const version = await runProgram('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    env,
    timeoutMs: 20_000,
  });
  const packages = { apt: ['python3', 'python3-pip'], dnf: ['python3', 'python3-pip'] };
  const text = version.stdout.trim();
  if (version.code !== 0 || !atLeast(text, [3, 8])) {
    const found =
      version.code === 0 ? `Python ${text}` : version.absent ? 'no python3' : 'a python3 that fails';
    return [{ code: 'NAS_SETUP_PYTHON', found, expected: 'Python 3.8 or newer with pip', packages }];
  }
  const pip = await runProgram('python3', ['-m', 'pip', '--version'], { env, timeoutMs: 20_000 });
  if (pip.code === 0) return [];
  return [
    {
      code: 'NAS_SETUP_PIP',
      found: 'a python3 without pip',
      expected: 'python3 -m pip to work',
      packages: { apt: ['python3-pip'], dnf: ['python3-pip'] },
    },
  ];
}

async function compiler(env: Environment): Promise<Missing[]> {
  if (await findCompilers(env)) return [];
  return [
    {
      code: 'NAS_SETUP_COMPILER',
      found: 'no C++ compiler',
      expected: 'g++ or clang++',
      packages: { apt: ['g++'], dnf: ['gcc-c++'] },
    },
  ];
}

async function make(env: Environment): Promise<Missing[]> {
  if (await findProgram([env['MAKE'] ?? 'make'], env)) return [];
  const packages = { apt: ['make'], dnf: ['make'] };
  return [{ code: 'NAS_SETUP_MAKE', found: 'no make', expected: 'GNU make', packages }];
}

async function disk(options: PrerequisiteOptions): Promise<Missing[]> {
  try {
    await mkdir(options.directory, { recursive: true });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'error';
    const found = `${options.directory} cannot be written (${reason})`;
    const fix = 'make it writable, or set NAS_TENSORFLOW_DIR to a folder that is';
    return [{ code: 'NAS_SETUP_FOLDER', found, expected: 'a folder to write to', packages: NONE, fix }];
  }
  const { bavail, bsize } = await statfs(options.directory);
  const free = bavail * bsize;
  if (free >= options.diskBytes) return [];
  return [
    {
      code: 'NAS_SETUP_DISK',
      found: `${formatBytes(free)} free in ${options.directory}`,
      expected: `${formatBytes(options.diskBytes)} free during set-up`,
      packages: NONE,
      fix: 'free some space, or set NAS_TENSORFLOW_DIR to a folder on a larger disk',
    },
  ];
}

function atLeast(version: string, wanted: readonly [number, number]): boolean {
  const [major = Number.NaN, minor = 0] = version.split('.').map(Number);
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
}
