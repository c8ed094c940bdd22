/**
 * The controller of the papers on an objective of your own: any evaluator will do. Here a formula stands for training
 * and timing, so the whole search takes a moment; put your own trainer and your own device in its place.
 *
 *     npm run example search-on-your-own-objective
 */
import {
  createMemoryStore,
  createReward,
  createStrategy,
  maddsOf,
  ms,
  paramsOf,
  parseArchitecture,
  ratio,
  runSearch,
  searchSpace,
  type Evaluator,
  type LatencyRecord,
} from 'platform-nas';

const space = searchSpace('mobilenetv3', { input: [32, 32, 3], classes: 10 });
const targetMs = ms(4);

/** Made-up, but of the right shape: more parameters help less and less, multiply-adds cost time. */
const evaluator: Evaluator = {
  slots: 4,
  evaluate(job) {
    const architecture = parseArchitecture(job.text);
    const accuracy = ratio(1 - 0.5 / Math.log10(paramsOf(architecture)));
    const median = ms(maddsOf(architecture) / 10e6);
    return Promise.resolve({
      state: 'done',
      accuracy,
      latency: latencyOf(median),
      curve: [],
      seconds: 1,
      checkpoint: null,
    });
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

function latencyOf(medianMs: ReturnType<typeof ms>): LatencyRecord {
  const spread = { madMs: 0, p90Ms: medianMs, lowMs: medianMs, highMs: medianMs, runs: 1, batch: 1 };
  return {
    source: 'measured',
    platform: 'formula',
    fingerprint: 'formula',
    samplesMs: [medianMs],
    medianMs,
    ...spread,
  };
}

using store = createMemoryStore({
  name: 'example',
  spec: null,
  spaceDigest: space.digest,
  seed: '7',
  createdAt: 0,
  environment: null,
});
const result = await runSearch({
  space,
  strategy: createStrategy('ppo', { space, seed: '7' }),
  reward: createReward({ kind: 'absolute', targetMs }),
  store,
  evaluator,
  targetMs,
  budget: { trials: 30, seconds: null },
  plan: { epochs: 1, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0 },
});

const { best, status } = result;
console.log(`${status.done} candidates evaluated; the best within ${targetMs} ms:`);
console.log(
  best === undefined
    ? 'none'
    : `${best.accuracy?.toFixed(4)} at ${best.latencyMs?.toFixed(2)} ms\n${best.text}`,
);
if (best === undefined) process.exitCode = 1;
