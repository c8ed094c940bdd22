import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Failure } from './failure.mjs';
import { runLogged } from './run.mjs';

const require = createRequire(import.meta.url);
const WORK = 'work-database-';

/** True when better-sqlite3's add-on is there, whole, and of this Node's ABI: it is loaded and used. */
export async function databaseReady(root, signal) {
  const program = `new (require('better-sqlite3'))(':memory:').prepare('select sqlite_version()').get()`;
  return (await runLogged(process.execPath, ['-e', program], { cwd: root, signal })) === 0;
}

/**
 * A prebuilt add-on where one can be had quickly, else compiled from its source, about a minute on one core. Both
 * happen in a copy of the package, and the finished file is moved into its place: a build that was killed, or one
 * that a killed set-up left running, never damages another.
 */
export async function buildDatabase(root, { directory, env, log, signal, detail }) {
  const home = dirname(require.resolve('better-sqlite3/package.json'));
  for (const name of readdirSync(directory).filter((name) => name.startsWith(WORK))) {
    rmSync(join(directory, name), { recursive: true, force: true });
  }
  const work = mkdtempSync(join(directory, WORK));
  cpSync(home, work, { recursive: true, filter: (path) => path !== join(home, 'build') });
  const options = { cwd: work, env, log, signal };
  const addon = 'build/Release/better_sqlite3.node';
  const install = () => {
    mkdirSync(dirname(join(home, addon)), { recursive: true });
    copyFileSync(join(work, addon), join(home, `${addon}.new`));
    renameSync(join(home, `${addon}.new`), join(home, addon));
  };
  try {
    detail('asking for a prebuilt one');
    const prebuild = createRequire(join(home, 'package.json')).resolve('prebuild-install/bin.js');
    const fetched = await runLogged(process.execPath, [prebuild], { ...options, timeoutMs: 12_000 });
    if (fetched === 0 && existsSync(join(work, addon))) install();
    if (await databaseReady(root, signal)) return;

    detail('compiling');
    const code = await runLogged(process.execPath, [gyp(), 'rebuild', '--release'], options);
    if (code === 0) install();
    if (code !== 0 || !(await databaseReady(root, signal))) {
      throw new Failure('better-sqlite3 could not be built', `read ${log}`, log);
    }
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Fetches Node's headers for both add-ons, once before they are built side by side. */
export async function fetchHeaders({ log, signal }) {
  const code = await runLogged(process.execPath, [gyp(), 'install', '--ensure'], { log, signal });
  if (code === 0) return;
  throw new Failure(
    `the headers of Node ${process.versions.node} are not there and cannot be downloaded`,
    'connect to the network; or install them (Debian’s Node: sudo apt-get install -y libnode-dev); or set npm_config_nodedir',
  );
}

function gyp() {
  return require.resolve('node-gyp/bin/node-gyp.js');
}
