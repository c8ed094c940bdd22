// npm run check: types, lint, format, boundaries, dead code, package; two tools at a time, the slowest first.
import './lib/node-version.mjs';

const { bootstrapOrExit, ROOT } = await import('./lib/bootstrap.mjs');
const { spawn } = await import('node:child_process');
const { join } = await import('node:path');

const TOOLS = {
  lint: [
    'eslint/bin/eslint.js',
    '.',
    '--max-warnings=0',
    '--cache',
    '--cache-location',
    'node_modules/.cache/eslint/',
  ],
  types: ['typescript/bin/tsc', '-p', 'tsconfig.json'],
  "page's types": ['typescript/bin/tsc', '-p', 'src/page'],
  format: ['prettier/bin/prettier.cjs', '--check', '--cache', '--log-level=warn', '.'],
  boundaries: ['dependency-cruiser/bin/dependency-cruise.mjs', 'src', '--config', '.dependency-cruiser.cjs'],
  'dead code': ['knip/bin/knip.js'],
  // Of what would be packed; it reads dist/, which is built first.
  package: ['publint/src/cli.js', '--strict', '--pack=npm'],
};

const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
await bootstrapOrExit({ natives: false, sources: isWanted('package') });
const waiting = Object.keys(TOOLS).filter(isWanted);
const failed = [];
await Promise.all([work(), work()]);
console.log(failed.length === 0 ? 'check: all well' : `check: ${failed.join(', ')} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function work() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const begun = performance.now();
    const { code, output } = await runTool(TOOLS[name]);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (code === 0) continue;
    failed.push(name);
    console.log(output.trimEnd());
  }
}

function runTool([file, ...args]) {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', file), ...args], { cwd: ROOT });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
