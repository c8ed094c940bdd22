// Holds the platform `onnxruntime` against ONNX Runtime's Python package: same files, same version, same threads.
// Usage, after `npm run build`:  node bench/latency/python.mjs [rounds] > bench/latency/results/python.json
//
// Each round times every network in both, one right after the other, the order changed from round to round; a ratio is
// of the two medians of one round. Python is NAS_BENCH_PYTHON, or is installed into a temporary folder for the time.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openOnnx } from '../../dist/backends/index.js';
import { createRng, median, quantile } from '../../dist/core/index.js';
import { onnxModel } from '../../dist/export/index.js';
import { buildNetwork, initialWeights } from '../../dist/network/index.js';
import { presetArchitecture } from '../../dist/space/index.js';
import { machine } from '../lib/machine.mjs';

const NETWORKS = [
  ['mobilenet_v3_small', 96],
  ['mobilenet_v3_small', 224],
  ['mobilenet_v3_large', 224],
  ['mobilenet_v2', 160],
];
/** ONNX Runtime's own default is to spin; the platform does not, since that is steadier on a busy machine. */
const SETTINGS = [
  { threads: 1, spinning: false },
  { threads: 2, spinning: false },
  { threads: 2, spinning: true },
];
const WARMUP = 10;
const RUNS = 40;

const rounds = Number(process.argv[2] ?? 10);
const program = fileURLToPath(new URL('../../examples/latency/onnxruntime_time.py', import.meta.url));
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(require.resolve('onnxruntime-node/package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'nas-bench-python-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const python = process.env.NAS_BENCH_PYTHON ?? installPython();
const entries = [];
for (const [preset, side] of NETWORKS) {
  const architecture = presetArchitecture(preset, { input: [side, side, 3], classes: 1000 });
  const network = buildNetwork(architecture);
  const bytes = onnxModel(network, initialWeights(network, createRng('bench')), { batch: 1, epsilon: 1e-3 });
  const file = join(folder, `${preset}-${side}.onnx`);
  writeFileSync(file, bytes);
  for (const setting of SETTINGS) {
    const session = await openOnnx(bytes, setting);
    entries.push({ preset, side, ...setting, file, session, ours: [], python: [], versions: {} });
  }
}

for (let round = 0; round < rounds; round++) {
  for (const entry of entries) {
    const turns = [
      async () => {
        await entry.session.time(WARMUP);
        entry.ours.push(await entry.session.time(RUNS));
      },
      () => {
        const answer = askPython(entry);
        entry.python.push(answer.runsMs);
        entry.versions = answer.versions;
      },
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  process.stderr.write(`round ${round + 1} of ${rounds}, load ${loadavg()[0].toFixed(1)}\n`);
}

const results = entries.map(({ preset, side, threads, spinning, ours, python: theirs, versions }) => {
  const ratios = ours.map((runs, i) => median(runs) / median(theirs[i]));
  // On a busy machine the quickest runs were disturbed least.
  const quick = (lists) => quantile(lists.flat(), 0.1);
  return {
    network: preset,
    side,
    threads,
    spinning,
    versions,
    oursMs: spread(ours.map(median)),
    pythonMs: spread(theirs.map(median)),
    ratioOfMedians: spread(ratios),
    ratioOfFirstDeciles: rounded(quick(ours) / quick(theirs)),
    within5Percent: Math.abs(median(ratios) - 1) <= 0.05,
  };
});
const report = {
  what: 'median of the platform onnxruntime by that of the Python package, ratios of one round',
  machine: machine(),
  onnxruntimeNode: version,
  load: Number(loadavg()[0].toFixed(2)),
  rounds,
  runs: RUNS,
  warmup: WARMUP,
  results,
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);

function spread(values) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((at) => rounded(quantile(values, at)));
  return { median: middle, quartiles: [low, high] };
}

function rounded(value) {
  return Number(value.toFixed(4));
}

function askPython({ file, threads, spinning }) {
  const args = ['--model', file, '--runs', RUNS, '--warmup', WARMUP, '--threads', threads].map(String);
  if (!spinning) args.push('--no-spinning');
  const text = execFileSync(python, [program, ...args], { encoding: 'utf8' });
  return JSON.parse(text.trim().split('\n').at(-1));
}

function installPython() {
  const place = join(folder, 'python');
  process.stderr.write(`installing onnxruntime ${version} into a temporary folder\n`);
  execFileSync('python3', ['-m', 'venv', place], { stdio: ['ignore', 2, 2] });
  const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', `onnxruntime==${version}`];
  execFileSync(join(place, 'bin/python'), pip, { stdio: ['ignore', 2, 2] });
  return join(place, 'bin/python');
}
