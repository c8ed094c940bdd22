// The platform onnxruntime against ONNX Runtime's Python package: same files, same version, same threads. A round opens a
// network again on both sides and times it in turns, a burst each; a ratio is of the two medians of one round.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onnxruntimeVersion, openOnnx } from '../../../dist/backends/index.js';
import { createRng, median, quantile } from '../../../dist/core/index.js';
import { onnxModel } from '../../../dist/export/index.js';
import { buildNetwork, initialWeights } from '../../../dist/network/index.js';
import { presetArchitecture } from '../../../dist/space/index.js';
import { atEnd } from '../../lib/ending.mjs';
import { ratioOf, summary, table } from '../../lib/statistics.mjs';
import { onnxruntimePython } from '../lib/python.mjs';

const AIM = 0.05;
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
const BURST = 10;
const BURSTS = 8;

const program = fileURLToPath(new URL('../python/serve.py', import.meta.url));

export async function python({ options, turn, log, progress }) {
  const { rounds } = options.numbers('python');
  const interpreter = onnxruntimePython(await onnxruntimeVersion(), log);
  const folder = mkdtempSync(join(tmpdir(), 'nas-bench-python-'));
  const remove = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const entries = NETWORKS.flatMap((network) => {
    const model = modelOf(network, folder);
    return SETTINGS.map((setting) => ({ ...model, ...setting, ours: [], python: [], others: [] }));
  });
  const versions = {};
  const rng = createRng('python');
  for (let round = 0; round < rounds; round++)
    for (const [i, entry] of entries.entries()) {
      progress('python')(round * entries.length + i, rounds * entries.length);
      const sides = rng.shuffle(['ours', 'python']);
      const { result, others } = await turn(() => oneRound(entry, sides, interpreter, versions));
      entry.ours.push(result.ours);
      entry.python.push(result.python);
      entry.others.push(Number(others.toFixed(3)));
    }
  remove();
  const results = entries.map(resultOf);
  log(shown(results));
  const within = results.filter((one) => one.within).length;
  const ratios = results.map(({ ratio }) => ratio.median);
  return {
    what: 'median of the platform onnxruntime by that of the Python package',
    aim: AIM,
    rounds,
    runsPerRound: BURST * BURSTS,
    versions,
    results,
    summary: [
      {
        what: 'onnxruntime against the Python package, same files and threads, ratio of medians',
        aim: `${1 - AIM}–${1 + AIM}`,
        reached: `${within} of ${results.length} cases (${Math.min(...ratios).toFixed(3)}–${Math.max(...ratios).toFixed(3)})`,
        met: within === results.length,
        others: results.map(({ othersCores }) => othersCores),
      },
    ],
  };
}

function modelOf([preset, side], folder) {
  const network = buildNetwork(presetArchitecture(preset, { input: [side, side, 3], classes: 1000 }));
  const weights = initialWeights(network, createRng('bench'));
  const bytes = onnxModel(network, weights, { batch: 1, epsilon: 1e-3 });
  const file = join(folder, `${preset}-${side}.onnx`);
  writeFileSync(file, bytes);
  return { preset, side, bytes, file };
}

async function oneRound(entry, sides, interpreter, versions) {
  const theirs = await openPython(entry, interpreter);
  Object.assign(versions, theirs.versions);
  const ours = await openOnnx(entry.bytes, entry);
  const time = { ours: (count) => ours.time(count), python: theirs.time };
  const taken = { ours: [], python: [] };
  try {
    for (const side of sides) await time[side](WARMUP);
    for (let burst = 0; burst < BURSTS; burst++)
      // The first of a burst finds the other's numbers in the caches.
      for (const side of sides) taken[side].push(...(await time[side](BURST + 1)).slice(1));
    return taken;
  } finally {
    ours.dispose();
    await theirs.close();
  }
}

async function openPython({ file, threads, spinning }, interpreter) {
  const child = spawn(interpreter, [program, file, String(threads), spinning ? '1' : '0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const forget = atEnd(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the Python side ended');
    return JSON.parse(value);
  };
  return {
    versions: await next(),
    async time(count) {
      child.stdin.write(`${count}\n`);
      return next();
    },
    async close() {
      child.stdin.end();
      await new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) resolve();
        else child.once('exit', resolve);
      });
      forget();
    },
  };
}

function resultOf({ preset, side, threads, spinning, ours, python: theirs, others }) {
  const medians = { ours: ours.map(median), python: theirs.map(median) };
  const ratio = ratioOf(medians.ours, medians.python);
  // On a busy machine the quickest runs were disturbed least.
  const quick = (rounds) => quantile(rounds.flat(), 0.1);
  return {
    network: preset,
    side,
    threads,
    spinning,
    oursMs: summary(medians.ours),
    pythonMs: summary(medians.python),
    ratio,
    ratioOfFirstDeciles: Number((quick(ours) / quick(theirs)).toFixed(4)),
    differenceUs: Math.round(1000 * (quick(ours) - quick(theirs))),
    within: Math.abs(ratio.median - 1) <= AIM,
    othersCores: median(others),
  };
}

function shown(results) {
  const rows = results.map((one) => [
    `${one.network} ${one.side}, ${one.threads} threads${one.spinning ? ', spinning' : ''}`,
    one.oursMs.median.toFixed(3),
    one.pythonMs.median.toFixed(3),
    `${one.ratio.median.toFixed(3)} (${one.ratio.low.toFixed(3)}–${one.ratio.high.toFixed(3)})`,
    one.ratioOfFirstDeciles.toFixed(3),
    one.differenceUs,
  ]);
  return table([['', 'ours, ms', 'Python, ms', 'ratio', 'of first deciles', 'difference, µs'], ...rows]);
}
