import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { findMissing, ONNXRUNTIME_ENVIRONMENT, readInstallation } from '../../backends/index.js';
import { formatBytes, messageOf, nativePackage, packageRoot } from '../../core/index.js';
import { dataStatus } from '../../data/index.js';
import { runProgram } from '../../process/index.js';
import type { DoctorCheck, DoctorOptions } from './check.js';
import { tensorflow } from './tensorflow.js';
import { databaseReady } from '../setup/database.js';

export type { DoctorCheck, DoctorOptions };

const GB = 2 ** 30;

/** Says what works here. A problem is a check that fails, never an exception. */
export async function doctor(options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const parts = [tools, natives, tensorflow, memory, disk, data];
  const checks: DoctorCheck[] = [];
  for (const part of parts) {
    const found = await part(options).catch((error: unknown): DoctorCheck[] => [
      { name: part.name, state: 'fail', found: messageOf(error) },
    ]);
    for (const check of found) {
      checks.push(check);
      options.onCheck?.(check);
    }
  }
  return checks;
}

/** What the set-up needs; once TensorFlow is there, only a later set-up would miss it. */
async function tools({ env, places, flavour }: DoctorOptions): Promise<DoctorCheck[]> {
  const missing = await findMissing({ env, directory: places.tensorflow, diskBytes: 0 });
  const ready = (flavour === undefined ? (['cpu', 'gpu'] as const) : [flavour]).some(
    (name) => readInstallation(places.tensorflow, name) !== undefined,
  );
  const kinds: readonly (readonly [string, string, RegExp])[] = [
    ['Node', `Node ${process.versions.node}`, /NODE|PLATFORM/],
    ['Python', 'python3 with pip', /PYTHON|PIP/],
    ['compiler', 'a C++ compiler', /COMPILER/],
    ['make', 'make', /MAKE/],
  ];
  return kinds.map(([name, found, codes]) => {
    const problem = missing.find(({ code }) => codes.test(code));
    if (!problem) return { name, state: 'ok', found };
    const packages = problem.packages.apt.join(' ');
    const fix =
      problem.fix ??
      `apt-get install -y ${packages} (Fedora: dnf install -y ${problem.packages.dnf.join(' ')})`;
    return { name, state: ready ? 'warn' : 'fail', found: problem.found, fix };
  });
}

async function natives({ env, places, signal }: DoctorOptions): Promise<DoctorCheck[]> {
  const loads = async (place: string | undefined): Promise<boolean> => {
    if (place === undefined) return false;
    const program = `require(${JSON.stringify(place)})`;
    const options = {
      env: { ...env, ...ONNXRUNTIME_ENVIRONMENT },
      cwd: packageRoot(),
      signal,
      timeoutMs: 60_000,
    };
    return (await runProgram(process.execPath, ['-e', program], options)).code === 0;
  };
  const [database, pictures, onnx] = await Promise.all([
    databaseReady(places.tensorflow, env, signal),
    loads('sharp'),
    loads(nativePackage('onnxruntime-node', places.tensorflow)),
  ]);
  const checkOf = (name: string, library: string, works: boolean, fix: string): DoctorCheck =>
    works
      ? { name, state: 'ok', found: `${library} works` }
      : { name, state: 'fail', found: `${library} does not load`, fix };
  return [
    checkOf('database', 'better-sqlite3', database, 'npx nas setup'),
    checkOf('pictures', 'sharp', pictures, 'npm install, with optional packages'),
    checkOf('ONNX Runtime', 'onnxruntime-node', onnx, 'npx nas setup'),
  ];
}

function memory(): Promise<DoctorCheck[]> {
  const free = freemem();
  const found = `${formatBytes(free)} of ${formatBytes(totalmem())} free`;
  const fix = 'close other programs, or search with --workers 1';
  const state = free < 0.7 * GB ? 'fail' : free < 2 * GB ? 'warn' : 'ok';
  return Promise.resolve([{ name: 'memory', state, found, ...(state === 'ok' ? {} : { fix }) }]);
}

async function disk({ places }: DoctorOptions): Promise<DoctorCheck[]> {
  let folder = places.runs;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const found = `${formatBytes(bavail * bsize)} free for ${places.runs}`;
  const state = bavail * bsize < 0.2 * GB ? 'fail' : bavail * bsize < 2 * GB ? 'warn' : 'ok';
  return [{ name: 'disk', state, found, ...(state === 'ok' ? {} : { fix: 'free some space' }) }];
}

async function data({ places }: DoctorOptions): Promise<DoctorCheck[]> {
  const sets = await dataStatus(places.data);
  return sets.map(({ name, folder, state, problem }): DoctorCheck => {
    const title = `data: ${name}`;
    if (state === 'present') return { name: title, state: 'ok', found: folder };
    const fix = `npx nas data get ${name}`;
    if (state === 'absent') return { name: title, state: 'warn', found: `not in ${dirname(folder)}`, fix };
    return { name: title, state: 'fail', found: problem ?? 'broken', fix: `rm -r ${folder} && ${fix}` };
  });
}
