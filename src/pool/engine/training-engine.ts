import { tmpdir } from 'node:os';
import { createReferenceBackend, createTensorflowBackend, type Backend } from '../../backends/index.js';
import { createRng, NasError } from '../../core/index.js';
import type { DataSet } from '../../data/index.js';
import { timedModels } from '../../export/index.js';
import {
  multiPlatform,
  openPlatform,
  parsePlatform,
  undisturbed,
  withEffort,
  type DeviceParts,
  type FurtherPlatform,
  type Platform,
} from '../../latency/index.js';
import { buildNetwork, initialWeights, type Network } from '../../network/index.js';
import { parseArchitecture } from '../../space/index.js';
import { stepRecipe, trainCandidate } from '../../train/index.js';
import { diskSpaceWhileTraining } from '../disk-space.js';
import { evaluateCandidate, surroundings } from '../worker/candidate.js';
import { readCheckpoint, writeCheckpoint } from '../worker/checkpoint.js';
import type { Engine } from './engine.js';
import { threadsOf, type HostSpec } from '../spec.js';
import { keptTraining } from '../worker/training-state.js';

/** A search waits by itself for an agent that is away, with a notice. */
const LOST_SECONDS = 10;

export interface TrainingEngineOptions {
  readonly spec: HostSpec;
  readonly data: DataSet | null;
  /** The process's own, for what platforms need in addition to their names. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asked while its platforms are opened; true ends that. */
  readonly stop: () => boolean;
  /** Called while a device is waited for. */
  readonly alive?: () => void;
}

/** Trains and times for real, on its own backend. */
export async function trainingEngine(options: TrainingEngineOptions): Promise<Engine> {
  const { spec, data, environment, stop, alive = () => undefined } = options;
  if (data === null) throw new Error('a training engine without data');
  const backend = await openBackend(spec, environment);
  const { epsilon } = spec.recipe.norm;
  const parts: DeviceParts = {
    backend: () => backend,
    batch: spec.latency.batch,
    epsilon,
    threads: threadsOf(spec),
    onnx: timedModels(epsilon),
    environment,
    trusted: spec.latency.trusted,
    temporaryFolder: tmpdir(),
    folder: spec.latency.folder,
    stop,
    alive,
    lostSeconds: LOST_SECONDS,
  };
  try {
    const platform = await openPlatforms(spec.latency, parts);
    return engineOn(backend, platform, spec, data);
  } catch (error) {
    await backend[Symbol.asyncDispose]();
    throw error;
  }
}

/** All platforms of a study as one; none stays open when another cannot be opened. */
async function openPlatforms(
  { platform: name, also }: HostSpec['latency'],
  parts: DeviceParts,
): Promise<Platform> {
  const open = (one: string) => openPlatform(parsePlatform(one), parts);
  const first = await open(name);
  const further: FurtherPlatform[] = [];
  try {
    for (const { platform, targetMs } of also) further.push({ platform: await open(platform), targetMs });
  } catch (error) {
    await multiPlatform(first, further)[Symbol.asyncDispose]();
    throw error;
  }
  return multiPlatform(first, further);
}

/** Backend and platform are the engine's from now on. */
function engineOn(backend: Backend, platform: Platform, spec: HostSpec, data: DataSet): Engine {
  const { recipe, checkpoints, workers } = spec;
  const requireSpace = diskSpaceWhileTraining(checkpoints, recipe, workers);
  const { protocol } = spec.latency;

  function networkOf(text: string): Network {
    const network = buildNetwork(parseArchitecture(text));
    if (network.input.join() !== data.shape.join() || network.classes !== data.classes.length)
      throw new NasError({
        code: 'NAS_WRONG_TASK',
        found: `an architecture for ${network.input.join('×')} and ${network.classes} classes`,
        expected: `${data.shape.join('×')} and ${data.classes.length} classes, as ${data.name} has`,
      });
    return network;
  }

  return {
    async warmUp() {
      const [height, width, channels] = data.shape;
      const network = networkOf(
        `nas1:${height}x${width}x${channels} ${EVERYTHING} fc_c${data.classes.length}_id`,
      );
      const weights = initialWeights(network, createRng('warm-up'));
      const rows = Int32Array.from({ length: recipe.batch }, (_, i) => i % data.training.count);
      const none = new Int32Array(recipe.batch);
      const training = backend.compileTraining(network, weights, stepRecipe(recipe, 10, data), data.training);
      try {
        training.step({
          indices: rows,
          top: none,
          left: none,
          flip: new Uint8Array(recipe.batch),
          learningRate: 1e-4,
          seed: [1, 2],
        });
      } finally {
        training.dispose();
      }
      const quick = { ...protocol, warmupRuns: 1, burst: 1, minRuns: 1, maxRuns: 1, reference: false };
      await platform.time([{ network, weights }], quick, undisturbed);
      const { fingerprint, further = [] } = platform;
      return { fingerprint, further };
    },

    evaluate: (job, _attempt, control) =>
      evaluateCandidate(
        job,
        {
          network: networkOf,
          platform,
          protocol,
          epsilon: recipe.norm.epsilon,
          read: (name) => readCheckpoint(checkpoints, name),
          write: (name, bytes) => writeCheckpoint(checkpoints, name, bytes),
          kept: (network) =>
            keptTraining({
              ...{ folder: checkpoints, job, network, recipe, data, requireSpace },
              note: (note) =>
                control.progress({ phase: 'compiling', done: 0, loss: null, accuracy: null, note }),
            }),
          train: async (network, weights, { plan, evaluationSplit }, rng, _, kept) =>
            trainCandidate({
              ...{ backend, network, weights, data, recipe, plan, evaluationSplit, rng },
              timingLock: control.timingLock,
              stopped: control.stop,
              onProgress: control.progress,
              saved: await kept.read(),
              keep: kept.write,
              keepEveryMs: 1000 * spec.keepSeconds,
              alive: control.alive,
            }),
        },
        control,
      ),

    async measure(texts, _attempt, control, effort) {
      const runnables = texts.map((text, i) => {
        const network = networkOf(text);
        return { network, weights: initialWeights(network, createRng(`measure/${i}`)) };
      });
      return platform.time(runnables, withEffort(protocol, effort), surroundings(control));
    },

    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      await backend[Symbol.asyncDispose]();
    },
  };
}

/** A small network that has every operation and every option of a block. */
const EVERYTHING = [
  'cn_k3_s1_c8_r6',
  'ds_k3_s1_c8_se8_re_pwre',
  'ir_k5_s1_e16_c8_se8sig_hs',
  'ir_k3_s2_e16_c16_re_skippool',
  'gap',
  'fc_c16_hs',
].join(' ');

function openBackend(spec: HostSpec, environment: TrainingEngineOptions['environment']): Promise<Backend> {
  switch (spec.backend.kind) {
    case 'tensorflow':
      return createTensorflowBackend({
        directory: spec.backend.directory,
        flavour: spec.backend.flavour,
        threads: threadsOf(spec),
        temporaryFolder: tmpdir(),
        cpuAllowed: spec.backend.cpuAllowed,
        xla: environment['TF_XLA_FLAGS'] !== undefined,
      });
    case 'reference':
      return createReferenceBackend();
    case 'fake':
      throw new Error('the test double trains nothing');
  }
}
