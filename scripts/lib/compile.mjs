import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { runLogged } from './run.mjs';

/** What says how they are compiled. */
const HOW = ['tsconfig.json', 'tsconfig.build.json', 'scripts/lib/page.mjs', 'scripts/lib/bundle.mjs'];

const stampOf = (root) => join(root, 'dist/.sources');

/** True when dist/ was compiled from the present sources. */
export function compiled(root) {
  return existsSync(stampOf(root)) && readFileSync(stampOf(root), 'utf8') === sourcesDigest(root);
}

/** Compiles src/ to dist/, and bundles the page of dashboard and report and what is started as a process. */
export async function compile(root, { log, signal }) {
  const digest = sourcesDigest(root); // Before, so that an edit during compilation is compiled next time.
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  for (const args of [[tsc, '-p', 'tsconfig.build.json'], [join(root, 'scripts/bundle.mjs')]]) {
    const code = await runLogged(process.execPath, args, { cwd: root, log, signal });
    if (code !== 0)
      throw new Failure('the sources do not compile', 'correct the errors below (npm run check)');
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  removeStale(root);
  writeFileSync(stampOf(root), digest);
}

/** What the compiler wrote of sources that are gone would be packed with the rest. */
function removeStale(root) {
  for (const name of readdirSync(join(root, 'dist'), { recursive: true })) {
    const [, stem] = /^(.*?)(?:\.d\.ts|\.js|\.js\.map)$/.exec(name) ?? [];
    if (stem === undefined || name.startsWith('page/') || existsSync(join(root, 'src', `${stem}.ts`)))
      continue;
    rmSync(join(root, 'dist', name));
  }
}

function sourcesDigest(root) {
  const names = readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => /\.(ts|css)$/.test(name))
    .map((name) => join('src', name));
  const hash = createHash('sha256');
  for (const name of [...names.sort(), ...HOW]) {
    const { mtimeMs, size } = statSync(join(root, name));
    hash.update(`${name} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}
