// Times the compiled training step. Usage, after `npm run build`:
//   TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 node bench/train/step.mjs [preset] [side] [channels] [batch] [steps] [parts]
// Prints one JSON object. CPU times are of the whole process and hold on a busy machine; wall times do not.
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createTensorflowBackend, prewarm } from '../../dist/backends/index.js';
import { createRng, median } from '../../dist/core/index.js';
import { buildNetwork, initialWeights } from '../../dist/network/index.js';
import { presetArchitecture } from '../../dist/space/index.js';
import { recipes } from './lib/recipes.mjs';

const [preset = 'mobilenet_v3_small', ...numbers] = process.argv.slice(2);
const [side = 28, channels = 1, batch = 64, steps = 30, parts = 1] = numbers.map(Number);
const count = 256;
const rng = createRng('bench');
const network = buildNetwork(presetArchitecture(preset, { input: [side, side, channels], classes: 10 }));
const weights = initialWeights(network, rng);
const list = (length, below) => Array.from({ length }, () => rng.integer(below));
const examples = {
  count,
  shape: network.input,
  images: Uint8Array.from(list(count * side * side * channels, 256)),
  labels: Uint16Array.from(list(count, 10)),
};
/** One batch. */
const part = {
  count: batch,
  shape: network.input,
  images: examples.images.subarray(0, batch * side * side * channels),
  labels: examples.labels.subarray(0, batch),
};
const recipe = {
  ...recipes.full,
  batch,
  parts,
  mean: Array(channels).fill(0.5),
  deviation: Array(channels).fill(0.25),
};

function timed(run) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  run();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - start, cpu: (user + system) / 1000 };
}
const summary = (times, key) => {
  const sorted = times.map((time) => time[key]).sort((a, b) => a - b);
  return { min: +sorted[0].toFixed(1), median: +median(sorted).toFixed(1) };
};

const directory = fileURLToPath(new URL('../../.tensorflow', import.meta.url));
const backend = await createTensorflowBackend({
  directory,
  flavour: 'cpu',
  threads: Number(process.env.TF_NUM_INTRAOP_THREADS ?? 0),
  temporaryFolder: tmpdir(),
});
prewarm(backend);
const step = (program) =>
  program.step({
    indices: Int32Array.from(list(batch, count)),
    top: Int32Array.from(list(batch, 5)),
    left: Int32Array.from(list(batch, 5)),
    flip: Uint8Array.from(list(batch, 2)),
    learningRate: 0.01,
    seed: [rng.integer(2 ** 31), 0],
  });
// Compiled several times: after the first, TensorFlow's kernels for these shapes exist already. Another weight decay makes
// another graph; the last time it is an equal one, which is kept.
const compiles = [];
let program;
for (const weightDecay of [1e-5, 2e-5, 3e-5, 4e-5, 5e-5, 5e-5]) {
  program?.dispose();
  const own = { ...recipe, weightDecay };
  const compile = timed(() => {
    program = backend.compileTraining(network, weights, own, examples);
  });
  const first = timed(() => step(program));
  const evaluated = timed(() => program.evaluate(part, true));
  compiles.push({ compile: compile.cpu, first: first.cpu, evaluated: evaluated.cpu });
}
const trained = Array.from({ length: steps }, () => timed(() => step(program)));
program.evaluate(examples, false);
const evaluated = Array.from({ length: 5 }, () => timed(() => program.evaluate(examples, false)));
const evaluatedPart = Array.from({ length: 5 }, () => timed(() => program.evaluate(part, true)));
const overStep = ({ compile, first }) => compile + first - median(trained.map(({ cpu }) => cpu));
const overBatch = ({ evaluated: cpu }) => cpu - median(evaluatedPart.map((time) => time.cpu));
const later = compiles.slice(1, -1);
const rounded = (values) => Math.round(median(values));
const inference = backend.compileInference(network, weights, { batch: 1, epsilon: 1e-3 });
inference.time(20);
const latency = inference.time(200).map((wall) => ({ wall: Math.round(wall * 1000) }));
console.log(
  JSON.stringify({
    preset,
    input: network.input,
    batch,
    parts,
    threads: backend.info.threads,
    compileAndFirstStepMs: {
      first: Math.round(compiles[0].compile + compiles[0].first),
      later: rounded(later.map(({ compile, first }) => compile + first)),
      again: rounded(compiles.slice(-1).map(({ compile, first }) => compile + first)),
    },
    compileMsBeyondStep: rounded(later.map(overStep)),
    compileMsOfEvaluation: rounded(later.map(overBatch)),
    stepCpuMs: summary(trained, 'cpu'),
    stepWallMs: summary(trained, 'wall'),
    evaluateCpuMsPer256: summary(evaluated, 'cpu'),
    inferenceBatch1WallUs: summary(latency, 'wall'),
  }),
);
await backend[Symbol.asyncDispose]();
