import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { freemem, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { detectFlavour, findMissing, readInstallation, tensorflowEnvironment } from '../backends/index.js';
import { formatBytes, formatMs, messageOf } from '../core/index.js';
import { dataStatus } from '../data/index.js';
import { parseAnswer, type ProbeAnswer, type ProbeOptions } from './doctor-answer.js';
import { packageRoot, type Places } from './environment.js';

/** `warn`: something does not work, but a search on other data or with what is set up does. */
export interface DoctorCheck {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly fix?: string;
}

export interface DoctorOptions {
  readonly places: Pick<Places, 'runs' | 'data' | 'tensorflow'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Threads that TensorFlow may use in one operation. */
  readonly threads: number;
  readonly signal?: AbortSignal;
  /** Called as each check is done. */
  readonly onCheck?: (check: DoctorCheck) => void;
}

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
async function tools({ env, places }: DoctorOptions): Promise<DoctorCheck[]> {
  const missing = await findMissing({ env, directory: places.tensorflow, diskBytes: 0 });
  const ready = readInstallation(places.tensorflow, detectFlavour()) !== undefined;
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

async function natives({ signal }: DoctorOptions): Promise<DoctorCheck[]> {
  const programs = {
    database: `new (require('better-sqlite3'))(':memory:').prepare('select 1').get()`,
    pictures: `require('sharp')`,
  };
  return Promise.all(
    Object.entries(programs).map(async ([name, program]): Promise<DoctorCheck> => {
      const result = await run(['-e', program], { cwd: packageRoot(), signal });
      const found = name === 'database' ? 'better-sqlite3 works' : 'sharp works';
      if (result.ok) return { name, state: 'ok', found };
      return {
        name,
        state: 'fail',
        found: found.replace('works', 'does not load'),
        fix: 'npm run setup in a clone, npm rebuild elsewhere',
      };
    }),
  );
}

async function tensorflow({ places, threads, env, signal }: DoctorOptions): Promise<DoctorCheck[]> {
  const wanted = detectFlavour();
  const flavour = readInstallation(places.tensorflow, wanted) ? wanted : 'cpu';
  const installation = readInstallation(places.tensorflow, flavour);
  if (!installation) {
    const found = `not set up in ${places.tensorflow}`;
    return [{ name: 'TensorFlow', state: 'fail', found, fix: 'npx nas setup' }];
  }
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'nas-doctor-'));
  try {
    const options: ProbeOptions = { directory: places.tensorflow, flavour, threads, temporaryFolder };
    const result = await run([probeFile(), JSON.stringify(options)], {
      env: { ...env, ...tensorflowEnvironment({ flavour, threads, deterministic: false }) },
      timeout: 180_000,
      signal,
    });
    const answer = parseAnswer(result.stdout);
    if (!('problem' in answer)) return probed(answer, wanted, threads);
    const fix = `rm -r ${installation.directory} && npx nas setup`;
    return [{ name: 'TensorFlow', state: 'fail', found: answer.problem, fix }];
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}

function probed(answer: ProbeAnswer, wanted: 'cpu' | 'gpu', threads: number): DoctorCheck[] {
  const version = `TensorFlow ${answer.versions['tensorflow'] ?? ''} on the ${answer.device.toUpperCase()}`;
  const unused: DoctorCheck = {
    name: 'TensorFlow',
    state: 'warn',
    found: `${version}, although there is an NVIDIA card`,
    fix: 'npx nas setup, and a driver for CUDA 12 (nvidia-smi tells its version)',
  };
  const fine: DoctorCheck = { name: 'TensorFlow', state: 'ok', found: `${version}, ${threads} threads` };
  const finite = answer.loss !== null && Number.isFinite(answer.loss);
  const step: DoctorCheck = {
    name: 'training',
    state: finite ? 'ok' : 'fail',
    found: finite ? `one step of 16 pictures in ${formatMs(answer.stepMs)}` : 'one step gave no finite loss',
  };
  const latency = answer.latency.map((item): DoctorCheck => {
    const name = `latency: ${item.platform}`;
    if ('problem' in item) return { name, state: 'fail', found: item.problem };
    const range = `${formatMs(item.lowMs)} to ${formatMs(item.highMs)}`;
    return { name, state: 'ok', found: `${formatMs(item.medianMs)} (95 %: ${range}, ${item.runs} runs)` };
  });
  return [wanted === 'gpu' && answer.device === 'cpu' ? unused : fine, step, ...latency];
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

interface RunOptions {
  readonly cwd?: string;
  readonly env?: DoctorOptions['env'];
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

function run(args: readonly string[], options: RunOptions): Promise<{ ok: boolean; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 60_000, ...options }, (error, stdout) => {
      resolve({ ok: error === null, stdout });
    });
  });
}

/** Node runs the built file, also where the sources themselves run as TypeScript (tests). */
function probeFile(): string {
  const here = import.meta.url.endsWith('.ts') ? '../../dist/app/doctor-probe.js' : './doctor-probe.js';
  return fileURLToPath(new URL(here, import.meta.url));
}
