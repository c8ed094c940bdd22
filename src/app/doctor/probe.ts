/**
 * Process that the doctor starts: one training step, then one timing on each latency platform, on random pictures.
 * Its arguments are a {@link ProbeOptions} as JSON; its last line of output is a {@link ProbeAnswer}.
 */
import { createTensorflowBackend, type Backend, type StepRecipe } from '../../backends/index.js';
import { createRng, messageOf, stopwatch } from '../../core/index.js';
import { defaultProtocol, platformOn, tensorflowDevice, undisturbed } from '../../latency/index.js';
import { buildNetwork, initialWeights } from '../../network/index.js';
import { presetArchitecture } from '../../space/index.js';
import type { PlatformProbe, ProbeAnswer, ProbeOptions } from './answer.js';

const BATCH = 16;
const SHAPE = [28, 28, 1] as const;
const NORM = { momentum: 0.99, epsilon: 1e-3 } as const;
const RECIPE: StepRecipe = {
  batch: BATCH,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  weightDecay: 1e-5,
  labelSmoothing: 0,
  dropout: 0,
  emaDecay: null,
  norm: NORM,
  pad: 0,
  mean: [0.5],
  deviation: [0.5],
};

async function probe(options: ProbeOptions): Promise<ProbeAnswer> {
  const watch = stopwatch();
  await using backend = await createTensorflowBackend(options);
  const loadMs = watch();
  const network = buildNetwork(presetArchitecture('mobilenet_v3_small', { input: SHAPE, classes: 10 }));
  const weights = initialWeights(network, createRng('doctor'));
  const { stepMs, loss } = trainStep(backend, network, weights);
  const latency: PlatformProbe[] = [];
  await using platform = platformOn(tensorflowDevice(backend, { batch: 1, epsilon: NORM.epsilon }));
  try {
    const protocol = { ...defaultProtocol, maxSeconds: 1.5, reference: false };
    const [measured] = (await platform.time([{ network, weights }], protocol, undisturbed)) ?? [];
    if (!measured) throw new Error('nothing was timed');
    const { medianMs, lowMs, highMs, runs } = measured;
    latency.push({ platform: platform.name, medianMs, lowMs, highMs, runs });
  } catch (error) {
    latency.push({ platform: platform.name, problem: messageOf(error) });
  }
  const { device, name, versions } = backend.info;
  return { device, name, versions, loadMs, stepMs, loss, latency };
}

function trainStep(
  backend: Backend,
  network: ReturnType<typeof buildNetwork>,
  weights: ReturnType<typeof initialWeights>,
): { readonly stepMs: number; readonly loss: number } {
  const rng = createRng('doctor').fork('pictures');
  const examples = {
    count: BATCH,
    shape: SHAPE,
    images: Uint8Array.from({ length: BATCH * SHAPE[0] * SHAPE[1] }, () => rng.integer(256)),
    labels: Uint16Array.from({ length: BATCH }, (_, index) => index % 10),
  };
  const program = backend.compileTraining(network, weights, RECIPE, examples);
  const input = {
    indices: Int32Array.from({ length: BATCH }, (_, index) => index),
    top: new Int32Array(BATCH),
    left: new Int32Array(BATCH),
    flip: new Uint8Array(BATCH),
    learningRate: 0.01,
    seed: [1, 2] as const,
  };
  program.step(input); // The first one also plans the graph.
  const watch = stopwatch();
  const { loss } = program.step(input);
  const stepMs = watch();
  program.dispose();
  return { stepMs, loss };
}

const answer = await probe(JSON.parse(process.argv[2] ?? '{}') as ProbeOptions).catch((error: unknown) => ({
  problem: messageOf(error),
}));
console.log(JSON.stringify(answer));
