import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile, compiled } from './compile.mjs';
import { describeFailure } from './failure.mjs';
import { takeLock } from './lock.mjs';
import { installPackages, packagesReady } from './packages.mjs';
import { createProgress } from './progress.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Apart from the other log, because both are written at the same time. */
const DATABASE_LOG = 'database.log';

/** Seconds as measured on two cores with a quick network; see docs/first-run.md. */
const PLAN = {
  'npm packages': { seconds: 25 },
  sources: { seconds: 8, after: 'npm packages' },
  packages: { seconds: 15, after: 'sources' },
  database: { seconds: 60, after: 'sources' },
  TensorFlow: { seconds: 40, after: 'sources' },
};

/**
 * Makes this folder ready; returns immediately when it is. On a failure it prints one message with the fix and ends
 * the process: there is nothing a caller could do.
 * @param natives false leaves out the database and TensorFlow, for tools that only read sources
 * @param sources whether they are compiled
 */
export async function bootstrapOrExit({ natives, sources = natives }) {
  const directory = process.env.NAS_TENSORFLOW_DIR || join(ROOT, '.tensorflow');
  const log = join(directory, 'setup.log');
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, onSignal);
  try {
    startLog(log);
    startLog(join(directory, DATABASE_LOG));
    await bootstrap({ natives, sources, directory, log, signal: stop.signal });
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

async function bootstrap({ natives, sources, directory, log, signal }) {
  const clone = existsSync(join(ROOT, 'src')); // An installed package brings dist/ and its packages.
  const progress = createProgress(PLAN);
  const release = await takeLock(ROOT, () => progress.note('waiting for another set-up of this folder'));
  try {
    if (clone && !packagesReady(ROOT)) {
      await progress.step('npm packages', () => installPackages(ROOT, { log, signal }));
    } else progress.skip('npm packages');
    if (clone && sources && !compiled(ROOT)) {
      await progress.step('sources', () => compile(ROOT, { log, signal }));
    } else progress.skip('sources');
    if (natives) await bootstrapNatives({ directory, log, signal, progress });
  } finally {
    progress.end();
    release();
  }
}

async function bootstrapNatives({ directory, log, signal, progress }) {
  const { setUp } = await import(pathToFileURL(join(ROOT, 'dist/app/setup/setup.js')).href);
  await setUp({
    ...{ directory, env: process.env, log, databaseLog: join(directory, DATABASE_LOG), signal },
    flavour: 'cpu', // What commands use unless given --backend tensorflow-gpu.
    step: (part, run) => progress.step(part, run),
    skip: (part) => progress.skip(part),
  });
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
