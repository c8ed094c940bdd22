import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile, compiled } from './compile.mjs';
import { buildDatabase, databaseReady, fetchHeaders } from './database.mjs';
import { describeFailure } from './failure.mjs';
import { takeLock } from './lock.mjs';
import { installPackages, packagesReady } from './packages.mjs';
import { createProgress } from './progress.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Apart from the other log, because both are written at the same time. */
const DATABASE_LOG = 'database.log';

/** Seconds as measured on two cores with a quick network; see docs/first-run.md. */
const PLAN = {
  packages: { seconds: 25 },
  sources: { seconds: 8, after: 'packages' },
  database: { seconds: 60, after: 'sources' },
  TensorFlow: { seconds: 40, after: 'sources' },
};

/**
 * Makes this folder ready; returns immediately when it is. On a failure it prints one message with the fix and ends
 * the process: there is nothing a caller could do.
 * @param natives false leaves out the database and TensorFlow, for tools that only read sources
 */
export async function bootstrapOrExit({ natives }) {
  const directory = process.env.NAS_TENSORFLOW_DIR || join(ROOT, '.tensorflow');
  const log = join(directory, 'setup.log');
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, onSignal);
  try {
    startLog(log);
    startLog(join(directory, DATABASE_LOG));
    await bootstrap({ natives, directory, log, signal: stop.signal });
  } catch (error) {
    if (stop.signal.aborted) {
      console.error('\nstopped; run the same command again to resume');
      process.exit(130);
    }
    console.error(describeFailure(error, log));
    process.exit(1);
  }
  for (const name of names) process.off(name, onSignal);
}

async function bootstrap({ natives, directory, log, signal }) {
  const clone = existsSync(join(ROOT, 'src')); // An installed package brings dist/ and its packages.
  const progress = createProgress(PLAN);
  const release = await takeLock(ROOT, () => progress.note('waiting for another set-up of this folder'));
  try {
    if (clone && !packagesReady(ROOT)) {
      await progress.step('packages', () => installPackages(ROOT, { log, signal }));
    } else progress.skip('packages');
    if (clone && natives && !compiled(ROOT)) {
      await progress.step('sources', () => compile(ROOT, { log, signal }));
    } else progress.skip('sources');
    if (natives) await bootstrapNatives({ directory, log, signal, progress });
  } finally {
    progress.end();
    release();
  }
}

async function bootstrapNatives({ directory, log, signal, progress }) {
  const door = join(ROOT, 'dist/backends/tensorflow/setup/index.js');
  const setup = await import(pathToFileURL(door).href);
  const headers = setup.nodeHeaders();
  const env = { ...process.env, ...headers };
  const flavour = 'cpu'; // What commands use unless given --backend tensorflow-gpu.
  const hasTensorflow = setup.readInstallation(directory, flavour) !== undefined;
  const hasDatabase = await databaseReady(ROOT, signal);
  if (hasTensorflow && hasDatabase) return;

  // What both need is asked for once, so that one message reports all that is missing.
  const missing = await setup.findMissing({ env, directory, diskBytes: 0 });
  if (missing.length > 0) throw await setup.missingError(missing, env);
  if (headers === null) await fetchHeaders({ log, signal });
  if (hasDatabase) progress.skip('database');
  if (hasTensorflow) progress.skip('TensorFlow');
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const work = [
    hasDatabase ||
      progress.step('database', (detail) =>
        buildDatabase(ROOT, { directory, env, log: join(directory, DATABASE_LOG), signal: either, detail }),
      ),
    hasTensorflow ||
      progress.step('TensorFlow', (detail) =>
        setup.setupTensorflow({
          ...{ flavour, directory, env, log, signal: either },
          onProgress: (at) =>
            detail(at.detail ?? at.stage, at.stage === 'download' ? undefined : at.fraction),
        }),
      ),
  ];
  try {
    await Promise.all(work);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(work);
    throw error;
  }
}

function startLog(log) {
  try {
    mkdirSync(dirname(log), { recursive: true });
    writeFileSync(log, '');
  } catch (error) {
    console.error(
      `${log} cannot be written (${error.code}). fix: make this folder writable, or set NAS_TENSORFLOW_DIR`,
    );
    process.exit(1);
  }
}
