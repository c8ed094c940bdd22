// How well a latency is foretold from few measured networks. Usage, after `npm run build`:
//   node bench/latency/predictor.mjs [platform] [networks] [learned]
// Times random networks of the space mobilenetv3 for 32×32 pictures in one process, learns from `learned` of them and
// foretells the others, over 20 random divisions. Prints one JSON object and writes it below results/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { tensorflowEnvironment } from '../../dist/backends/index.js';
import { createRng, mean, standardDeviation } from '../../dist/core/index.js';
import {
  defaultProtocol,
  fitPredictor,
  openPlatform,
  parsePlatform,
  undisturbed,
} from '../../dist/latency/index.js';
import { buildNetwork, initialWeights } from '../../dist/network/index.js';
import { searchSpace } from '../../dist/space/index.js';
import { machine } from '../lib/machine.mjs';
import { partsFor } from './setting.mjs';

const [name = 'onnxruntime:threads=1', ...numbers] = process.argv.slice(2);
const [count = 150, learned = 50] = numbers.map(Number);
const threads = 1;
Object.assign(process.env, tensorflowEnvironment({ flavour: 'cpu', threads, deterministic: false }));
const SESSION = 10;
const DIVISIONS = 20;

const platform = await openPlatform(parsePlatform(name), partsFor(threads));
const space = searchSpace('mobilenetv3', { input: [32, 32, 3], classes: 10 });
const rng = createRng('bench/predictor');
const architectures = Array.from({ length: count }, () => space.decode(space.sample(rng)));
const observations = [];
for (let from = 0; from < count; from += SESSION) {
  const part = architectures.slice(from, from + SESSION);
  const runnables = part.map((architecture, i) => {
    const network = buildNetwork(architecture);
    return { network, weights: initialWeights(network, rng.fork(`weights/${from + i}`)) };
  });
  const records = await platform.time(runnables, { ...defaultProtocol, seed: `bench/${from}` }, undisturbed);
  records.forEach(({ medianMs }, i) => observations.push({ architecture: part[i], medianMs }));
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Ktimed ${observations.length} of ${count}`);
}
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
await platform[Symbol.asyncDispose]();

const divisions = Array.from({ length: DIVISIONS }, (_, k) => {
  const order = createRng(`bench/division/${k}`).shuffle(observations);
  const predictor = fitPredictor(order.slice(0, learned), { confidence: 0.9, seed: String(k) });
  const rest = order.slice(learned).map(({ architecture, medianMs }) => ({
    medianMs,
    foretold: predictor.predict(architecture),
  }));
  return {
    error: mean(rest.map(({ medianMs, foretold }) => Math.abs(foretold.medianMs / medianMs - 1))),
    covered: mean(
      rest.map(({ medianMs, foretold: { lowMs, highMs } }) =>
        lowMs <= medianMs && medianMs <= highMs ? 1 : 0,
      ),
    ),
    told: predictor.error,
  };
});
const summary = (key) => {
  const values = divisions.map((division) => division[key]);
  return {
    mean: Number(mean(values).toFixed(4)),
    deviation: Number(standardDeviation(values).toFixed(4)),
    most: Number(Math.max(...values).toFixed(4)),
    least: Number(Math.min(...values).toFixed(4)),
  };
};
const latencies = observations.map((one) => one.medianMs).sort((a, b) => a - b);
const result = {
  command: `node bench/latency/predictor.mjs ${name} ${count} ${learned}`,
  date: new Date().toISOString().slice(0, 10),
  machine: machine(),
  fingerprint: platform.fingerprint,
  networks: count,
  learned,
  divisions: DIVISIONS,
  latencyMs: { least: latencies[0], median: latencies[count >> 1], most: latencies.at(-1) },
  error: summary('error'),
  errorItTellsItself: summary('told'),
  coverageOfNominal90: summary('covered'),
};
const file = new URL(`results/predictor-${parsePlatform(name).kind}.json`, import.meta.url);
mkdirSync(new URL('results/', import.meta.url), { recursive: true });
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(result)}\n`);
