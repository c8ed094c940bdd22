// `npm run test:interop`: every preset and 20 trained networks in the libraries that they are exported for; writes
// bench/interop/results.json. NAS_INTEROP_PYTHON names a ready Python (NAS_INTEROP_TENSORFLOW another one for TensorFlow);
// else .interop-all/ is made, a download of about 2 GB.
import './lib/node-version.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const place = `${root}.interop-all`;
const own = `${place}/bin/python`;

if (process.env.NAS_INTEROP_PYTHON === undefined && !existsSync(`${place}/ready`)) {
  run('python3', ['-m', 'venv', place]);
  run(own, ['-m', 'pip', 'install', '--disable-pip-version-check', '-r', 'scripts/interop-requirements.txt']);
  run('touch', [`${place}/ready`]);
}
const env = { ...process.env, NAS_INTEROP: 'all', NAS_INTEROP_PYTHON: process.env.NAS_INTEROP_PYTHON ?? own };
const tests = [
  ...['export/interop', 'export/interop-all', 'export/pytorch', 'export/savedmodel', 'detector/exports'],
].map((name) => `test/${name}.process.test.ts`);
run('npx', ['vitest', 'run', ...tests, ...process.argv.slice(2)], { env });

function run(command, words, options = {}) {
  const { status } = spawnSync(command, words, { cwd: root, stdio: 'inherit', ...options });
  if (status !== 0) process.exit(status ?? 1);
}
