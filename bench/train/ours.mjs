// Our side of the bench, a process with TensorFlow: one JSON command a line on standard input, one JSON answer a line on
// standard output. The environment (threads) was set before it started. Usage: ours.mjs THREADS FOLDER
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { createTensorflowBackend, prewarm } from '../../dist/backends/index.js';
import { createRng } from '../../dist/core/index.js';
import { augmentation } from '../../dist/data/index.js';
import { buildNetwork, initialWeights } from '../../dist/network/index.js';
import { parseArchitecture } from '../../dist/space/index.js';
import { trainCandidate } from '../../dist/train/index.js';
import { readPictures } from './lib/pictures.mjs';

const [threads, directory] = process.argv.slice(2);
const backend = await createTensorflowBackend({
  directory,
  flavour: 'cpu',
  threads: Number(threads),
  temporaryFolder: tmpdir(),
});
prewarm(backend);

let pictures;
const trainings = new Map();
const evaluations = new Map();

const commands = {
  hello: () => ({ ...backend.info.versions, node: process.version, threads: backend.info.threads }),

  data({ folder }) {
    pictures = readPictures(folder);
    return { train: pictures.train.count, test: pictures.test.count };
  },

  open({ id, spec }) {
    const begin = performance.now();
    const training = open(spec);
    timed(training, 1, 1e-4);
    trainings.set(id, training);
    const params = training.network.layers.reduce((sum, layer) => sum + layer.params, 0);
    return { params, firstMs: performance.now() - begin };
  },

  steps: ({ id, count, rate }) => timed(trainings.get(id), count, rate),

  fixed({ spec, rows, rates }) {
    const { program } = open(spec);
    const none = new Int32Array(rows.length);
    const losses = rates.map(
      (learningRate) =>
        program.step({
          indices: Int32Array.from(rows),
          top: none,
          left: none,
          flip: new Uint8Array(rows.length),
          learningRate,
          seed: [1, 2],
        }).loss,
    );
    const evaluated = program.evaluate(first(pictures.test, 512), true).loss;
    program.dispose();
    return { losses, evaluated: [evaluated] };
  },

  prepare({ id, of, count }) {
    evaluations.set(id, { training: trainings.get(of), examples: first(pictures.test, count) });
    return {};
  },

  evaluate({ id }) {
    const { training, examples } = evaluations.get(id);
    const cpu = process.cpuUsage();
    const begin = performance.now();
    const { correct } = training.program.evaluate(examples, true);
    const scale = 1000 / examples.count;
    return { ms: [scale * (performance.now() - begin)], cpuMs: scale * cpuSince(cpu), correct };
  },

  async train({ spec, recipe, plan }) {
    const network = buildNetwork(parseArchitecture(spec.text));
    const rng = createRng(spec.seed);
    const { train, test, mean, deviation } = pictures;
    const all = Int32Array.from({ length: train.count }, (_, row) => row);
    const result = await trainCandidate({
      backend,
      network,
      weights: initialWeights(network, rng.fork('init')),
      data: {
        spec: null,
        name: 'bench',
        shape: train.shape,
        classes: Array.from({ length: network.classes }, (_, label) => String(label)),
        training: train,
        split: { train: all, validation: all.subarray(0, 0) },
        mean,
        deviation,
        flip: true,
      },
      recipe,
      plan,
      evaluationSplit: 'test',
      rng,
      test: () => Promise.resolve(test),
    });
    if (result.state !== 'done') return { accuracy: null, seconds: result.seconds };
    return { accuracy: result.accuracy, loss: result.loss, seconds: result.curve.at(-1).seconds };
  },

  close({ ids }) {
    for (const id of ids) {
      trainings.get(id)?.program.dispose();
      trainings.delete(id);
      evaluations.delete(id);
    }
    return {};
  },

  memory() {
    const lines = readFileSync('/proc/self/status', 'utf8');
    const mebibytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(lines)?.[1]) / 1024;
    return { rssMiB: mebibytes('VmRSS'), peakMiB: mebibytes('VmHWM') };
  },
};

function open(spec) {
  const network = buildNetwork(parseArchitecture(spec.text));
  const weights = spec.weights
    ? numbersOf(network, spec.weights)
    : initialWeights(network, createRng(spec.seed).fork('init'));
  const program = backend.compileTraining(network, weights, spec.recipe, pictures.train);
  return { network, program, recipe: spec.recipe, rng: createRng(spec.seed), order: [], at: 0 };
}

/** All parameters one after the other, as the bench wrote them. */
function numbersOf(network, path) {
  const bytes = readFileSync(path);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let at = 0;
  return new Map(network.parameters.map(({ name, size }) => [name, all.slice(at, (at += size))]));
}

function drawn(training) {
  const { rng, recipe } = training;
  const { batch, pad, flip } = recipe;
  if (training.at + batch > training.order.length) {
    training.order = Int32Array.from(rng.shuffle(Array.from({ length: pictures.train.count }, (_, i) => i)));
    training.at = 0;
  }
  const indices = training.order.slice(training.at, (training.at += batch));
  const seed = [rng.integer(2 ** 32), rng.integer(2 ** 32)];
  return { indices, ...augmentation(batch, pad, flip, rng), seed };
}

/** Milliseconds of each step, drawing its pictures and crops included. */
function timed(training, count, learningRate) {
  const ms = [];
  let loss = Number.NaN;
  const cpu = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    ({ loss } = training.program.step({ ...drawn(training), learningRate }));
    ms.push(performance.now() - begin);
  }
  return { ms, cpuMs: cpuSince(cpu) / count, loss };
}

function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function first({ images, labels, shape }, count) {
  const size = shape[0] * shape[1] * shape[2];
  return { count, shape, images: images.subarray(0, count * size), labels: labels.subarray(0, count) };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const message = JSON.parse(line);
    answer = { ok: await commands[message.do](message) };
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await backend[Symbol.asyncDispose]();
