// How well do latencies repeat between processes? Times random networks one per session, as a search does, in several
// processes one after the other, and prints the coefficient of variation of each network's latency over the processes:
// as recorded (calm runs beside the reference), of the calm runs alone, and of the plain medians.
//
//   npm run build
//   node bench/latency/repeat.mjs [--platforms tensorflow,onnxruntime] [--networks 20] [--processes 5]
//     [--input 28x28x1] [--threads 1] [--seed repeat] [--out FILE]
//
// Leave the machine alone meanwhile; the load before each process is in the JSON that goes to FILE.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tensorflowEnvironment } from '../../dist/backends/index.js';
import { createRng, mean, median, quantile, standardDeviation, stopwatch } from '../../dist/core/index.js';
import { defaultProtocol, openPlatform, parsePlatform, undisturbed } from '../../dist/latency/index.js';
import { buildNetwork, initialWeights } from '../../dist/network/index.js';
import { formatArchitecture, maddsOf, searchSpace } from '../../dist/space/index.js';
import { machine } from '../lib/machine.mjs';
import { commandOf, optionsOf, partsFor } from './setting.mjs';

const given = optionsOf({
  platforms: 'tensorflow,onnxruntime',
  networks: '20',
  processes: '5',
  input: '28x28x1',
  threads: '1',
  seed: 'repeat',
  out: undefined,
  child: undefined,
  folder: '',
});
const threads = Number(given.threads);

function networks() {
  const input = given.input.split('x').map(Number);
  const space = searchSpace('mobilenetv3', { input, classes: 10 });
  const rng = createRng(given.seed).fork('networks');
  return Array.from({ length: Number(given.networks) }, () => space.decode(space.sample(rng)));
}

/** Times each network in a session of its own and sends the records to the parent. */
async function child(name) {
  const platform = await openPlatform(parsePlatform(name), partsFor(threads, given.folder));
  const sessions = [];
  for (const architecture of networks()) {
    const network = buildNetwork(architecture);
    const weights = initialWeights(network, createRng('repeat'));
    const elapsed = stopwatch();
    const [record] = await platform.time([{ network, weights }], defaultProtocol, undisturbed);
    const { samplesMs, ...short } = record;
    void samplesMs;
    sessions.push({ ...short, seconds: elapsed() / 1000 });
  }
  await platform[Symbol.asyncDispose]();
  process.send({ fingerprint: platform.fingerprint, sessions });
  process.disconnect();
}

async function run(platform, folder) {
  const args = ['platforms', 'networks', 'input', 'threads', 'seed'].flatMap((name) => [
    `--${name}`,
    given[name],
  ]);
  const load = loadavg()[0];
  const process_ = fork(fileURLToPath(import.meta.url), [...args, '--child', platform, '--folder', folder], {
    env: { ...process.env, ...tensorflowEnvironment({ flavour: 'cpu', threads, deterministic: false }) },
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  let answer;
  process_.on('message', (message) => (answer = message));
  const [code] = await once(process_, 'exit');
  if (answer === undefined) throw new Error(`${platform} ended with code ${code} and no answer`);
  return { load, ...answer };
}

const percent = (share) => Number((100 * share).toFixed(2));

/** Coefficients of variation in %, over the processes, of every network. */
function spread(runs, value) {
  const shares = runs[0].sessions.map((_, i) => {
    const found = runs.map((one) => value(one.sessions[i]));
    return standardDeviation(found) / mean(found);
  });
  return {
    median: percent(median(shares)),
    mean: percent(mean(shares)),
    p90: percent(quantile(shares, 0.9)),
    max: percent(Math.max(...shares)),
    each: shares.map(percent),
  };
}

async function parent() {
  const folder = mkdtempSync(join(tmpdir(), 'nas-repeat-'));
  const names = given.platforms.split(',');
  const runs = new Map(names.map((name) => [name, []]));
  try {
    for (let i = 0; i < Number(given.processes); i++)
      for (const name of names) runs.get(name).push(await run(name, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const platforms = Object.fromEntries(
    names.map((name) => {
      const all = runs.get(name);
      const cv = {
        recorded: spread(all, (one) => one.medianMs),
        calmRunsAlone: spread(all, (one) => one.medianMs / one.reference.factor),
        plainMedians: spread(all, (one) => one.rawMedianMs),
      };
      for (const [what, { median: m, mean: a, p90, max }] of Object.entries(cv))
        console.log(
          `${name.padEnd(14)} ${what.padEnd(14)} CV % median ${m}  mean ${a}  p90 ${p90}  max ${max}`,
        );
      const settled = mean(all.flatMap((one) => one.sessions.map((s) => Number(s.settled))));
      const seconds = mean(all.flatMap((one) => one.sessions.map((s) => s.seconds)));
      const factors = all.map((one) =>
        Number(median(one.sessions.map((s) => s.reference.factor)).toFixed(4)),
      );
      return [name, { cv, settled, secondsPerNetwork: Number(seconds.toFixed(2)), factors, processes: all }];
    }),
  );
  const document = {
    what: 'coefficient of variation, in %, of the latencies of the same networks over separate processes',
    command: commandOf('repeat.mjs'),
    machine: machine(),
    protocol: defaultProtocol,
    networks: networks().map((one) => ({ text: formatArchitecture(one), madds: maddsOf(one) })),
    platforms,
  };
  if (given.out !== undefined) writeFileSync(given.out, `${JSON.stringify(document, null, 1)}\n`);
}

await (given.child === undefined ? parent() : child(given.child));
