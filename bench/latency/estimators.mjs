// Which centre of a session repeats best between processes, and with which reference network? In each of several
// processes, random networks are timed in turns with four references of different size; all centres are then taken of the
// same runs. Prints the coefficient of variation over the processes, per centre and reference, in %: divided by the reference
// whole, and by powers of it, which hold a part of the correction back.
//
//   npm run build
//   node bench/latency/estimators.mjs [--platforms tensorflow,onnxruntime] [--networks 20] [--processes 6]
//     [--rounds 40] [--threads 1] [--out FILE] [--keep RUNS]
//   node bench/latency/estimators.mjs --of RUNS [--out FILE]      # evaluates the runs that --keep kept
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { tensorflowEnvironment } from '../../dist/backends/index.js';
import { createRng, mean, median, quantile, standardDeviation } from '../../dist/core/index.js';
import { openDevice, parsePlatform } from '../../dist/latency/index.js';
import { buildNetwork, initialWeights } from '../../dist/network/index.js';
import { parseArchitecture, presetArchitecture, searchSpace } from '../../dist/space/index.js';
import { machine } from '../lib/machine.mjs';
import { commandOf, optionsOf, partsFor } from './setting.mjs';

const given = optionsOf({
  platforms: 'tensorflow,onnxruntime',
  networks: '20',
  processes: '6',
  rounds: '40',
  threads: '1',
  out: undefined,
  keep: undefined,
  of: undefined,
  child: undefined,
});
const threads = Number(given.threads);
const task = { input: [32, 32, 3], classes: 10 };
const TINY = 'nas1:32x32x3 cn_k3_s2_c16_hs ir_k3_s2_e64_c24_re ir_k5_s1_e96_c24_se24_hs gap fc_c10_id';
const REFERENCES = {
  tiny: parseArchitecture(TINY),
  'mobilenet_v3_small@0.5': presetArchitecture('mobilenet_v3_small@0.5', task),
  'mobilenet_v3_large@0.5': presetArchitecture('mobilenet_v3_large@0.5', task),
  'mobilenet_v3_large@0.75': presetArchitecture('mobilenet_v3_large@0.75', task),
};

/** Sends, per network, the runs of it and of every reference, the first of each burst left out. */
async function child(name) {
  const device = await openDevice(parsePlatform(name), partsFor(threads, null, [name]));
  const open = (architecture) => {
    const network = buildNetwork(architecture);
    return device.open({ network, weights: initialWeights(network, createRng('estimators')) });
  };
  const space = searchSpace('mobilenetv3', { input: [28, 28, 1], classes: 10 });
  const rng = createRng('repeat');
  const references = await Promise.all(
    Object.entries(REFERENCES).map(async ([key, one]) => [key, await open(one)]),
  );
  const sessions = [];
  for (let i = 0; i < Number(given.networks); i++) {
    const network = await open(space.decode(space.sample(rng)));
    const all = [['network', network], ...references];
    const runs = Object.fromEntries(all.map(([key]) => [key, []]));
    const take = async () => {
      for (const [, program] of all) await program.time(30);
      for (let round = 0; round < Number(given.rounds); round++)
        for (const [key, program] of all) runs[key].push(...(await program.time(6)).slice(1));
    };
    await (device.hold?.(take) ?? take());
    sessions.push(runs);
    await network.dispose();
  }
  process.send(sessions);
  process.disconnect();
}

async function run(platform) {
  const args = ['networks', 'rounds', 'threads'].flatMap((name) => [`--${name}`, given[name]]);
  const one = fork(fileURLToPath(import.meta.url), [...args, '--child', platform], {
    env: { ...process.env, ...tensorflowEnvironment({ flavour: 'cpu', threads, deterministic: false }) },
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  const load = loadavg()[0];
  let sessions;
  one.on('message', (message) => (sessions = message));
  const [code] = await once(one, 'exit');
  if (sessions === undefined) throw new Error(`${platform} ended with code ${code} and no answer`);
  return { load, sessions };
}

/** Median of the densest quarter of the runs. */
function densest(runs) {
  const sorted = [...runs].sort((a, b) => a - b);
  const length = Math.max(3, Math.floor(sorted.length / 4));
  let best = 0;
  for (let i = 1; i + length <= sorted.length; i++)
    if (sorted[i + length - 1] / sorted[i] < sorted[best + length - 1] / sorted[best]) best = i;
  return median(sorted.slice(best, best + length));
}

const FASTEST = 'quantile 5 %';
const CENTRES = {
  fastest: (runs) => Math.min(...runs),
  [FASTEST]: (runs) => quantile(runs, 0.05),
  'quantile 10 %': (runs) => quantile(runs, 0.1),
  'quantile 25 %': (runs) => quantile(runs, 0.25),
  median,
  'densest quarter': densest,
};
/** Further powers of the reference that the fastest centre is divided by. */
const POWERS = [0.9, 0.75, 0.6, 0.5];
const percent = (share) => Number((100 * share).toFixed(2));

function table(processes) {
  const rows = [];
  const evaluate = (centre, reference, power) => {
    const of = CENTRES[centre];
    const shares = processes[0].sessions.map((_, i) => {
      const found = processes.map(
        ({ sessions }) =>
          of(sessions[i].network) / (reference === null ? 1 : of(sessions[i][reference]) ** power),
      );
      return standardDeviation(found) / mean(found);
    });
    const row = { centre, reference: reference ?? 'none', power, median: percent(median(shares)) };
    rows.push({ ...row, mean: percent(mean(shares)), p90: percent(quantile(shares, 0.9)) });
  };
  for (const centre of Object.keys(CENTRES))
    for (const reference of [null, ...Object.keys(REFERENCES)]) evaluate(centre, reference, 1);
  for (const reference of Object.keys(REFERENCES))
    for (const power of POWERS) evaluate(FASTEST, reference, power);
  return rows;
}

async function timed() {
  const names = given.platforms.split(',');
  const runs = Object.fromEntries(names.map((name) => [name, []]));
  for (let i = 0; i < Number(given.processes); i++)
    for (const name of names) runs[name].push(await run(name));
  return runs;
}

async function parent() {
  const runs = given.of === undefined ? await timed() : JSON.parse(readFileSync(given.of, 'utf8'));
  if (given.keep !== undefined) writeFileSync(given.keep, JSON.stringify(runs));
  const platforms = {};
  for (const [name, processes] of Object.entries(runs)) {
    const rows = table(processes);
    for (const { centre, reference, power, median: m, mean: a, p90 } of rows) {
      const what = power === 1 ? reference : `${reference} ^ ${power}`;
      console.log(
        `${name.padEnd(12)} ${centre.padEnd(16)} reference ${what.padEnd(30)} CV % median ${m}  mean ${a}  p90 ${p90}`,
      );
    }
    platforms[name] = { load: processes.map(({ load }) => load), rows };
  }
  const document = {
    what: 'coefficient of variation, in %, of centres of the same networks over separate processes',
    command: commandOf('estimators.mjs'),
    machine: machine(),
    platforms,
  };
  if (given.out !== undefined) writeFileSync(given.out, `${JSON.stringify(document, null, 1)}\n`);
}

await (given.child === undefined ? parent() : child(given.child));
