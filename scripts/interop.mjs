// Makes .interop/, a Python environment with the runtimes that test/export/interop.process.test.ts runs exports in; does only what
// is missing. Fails without Python or network: those tests are then skipped.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGES = ['numpy', 'onnxruntime==1.32.0', 'opencv-python-headless==4.14.0.94'];
const place = fileURLToPath(new URL('../.interop', import.meta.url));
const mark = `${place}/packages`;
const wanted = `${PACKAGES.join('\n')}\n`;

if (!existsSync(mark) || readFileSync(mark, 'utf8') !== wanted) {
  rmSync(place, { recursive: true, force: true });
  run('python3', ['-m', 'venv', place]);
  run(`${place}/bin/python`, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES]);
  writeFileSync(mark, wanted);
}

function run(command, words) {
  const { status, stderr, error } = spawnSync(command, words, { encoding: 'utf8', timeout: 300_000 });
  if (status === 0) return;
  rmSync(place, { recursive: true, force: true });
  const why = (error?.message ?? stderr ?? '').trim().split('\n').at(-1);
  console.error(`interop: no other runtimes (${command} ${words[1]}: ${why}); their tests are skipped`);
  process.exit(1);
}
