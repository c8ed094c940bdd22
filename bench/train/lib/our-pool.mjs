// The product's own pool, set up as a study does it, and trainings in it that are watched from outside.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { studySpec } from '../../../dist/app/study/defaults.js';
import { hostSpec } from '../../../dist/app/study/host-spec.js';
import { places } from '../../../dist/app/index.js';
import { startPool } from '../../../dist/pool/index.js';
import { quickRate } from '../../../dist/train/index.js';
import { atEnd } from '../../lib/ending.mjs';
import { TASK } from './networks.mjs';
import { dataSpec } from './pictures.mjs';
import { together } from './throughput.mjs';

/** Longer than any turn: a turn ends by stopping its jobs. */
const EPOCHS = 1000;

/** A host with the given number of workers and of threads per worker; null threads: as a study has it unless configured otherwise. */
export async function openPool({ workers, threads, flavour = 'cpu', batch }) {
  const folder = mkdtempSync(join(tmpdir(), 'nas-bench-pool-'));
  const remove = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const data = dataSpec();
  const study = {
    study: 'bench',
    data,
    task: TASK,
    targetMs: 1,
    recipe: 'quick',
    workers,
    threads,
    flavour,
    batch,
  };
  const spec = studySpec(study);
  const lines = [];
  const pool = await startPool(hostSpec(spec, places(), folder), {
    signal: new AbortController().signal,
    log: (line) => lines.push(line),
    environment: process.env,
  });
  const perEpoch = Math.floor(Math.round(60_000 * (1 - data.heldOut)) / spec.recipe.batch);
  const rate = quickRate * spec.recipe.batch;
  return {
    versions: pool.fingerprint.versions,
    get pid() {
      return pool.hostPid;
    },
    latency: async (text) => (await pool.measure([text], new AbortController().signal))[0],
    turn: (network, latency, seconds) =>
      turn({ pool, workers, network, latency, seconds, total: EPOCHS * perEpoch, rate }),
    async close() {
      await pool[Symbol.asyncDispose]();
      remove();
    },
  };
}

/**
 * One job per worker, stopped when all have been training for the given seconds. The count begins when the last of them
 * has done its first step, so compiling is not in it; it is returned apart.
 */
async function turn({ pool, workers, network, latency, seconds, total, rate }) {
  const clock = () => performance.now() / 1000;
  const jobs = Array.from({ length: workers }, () => ({ compiling: Number.NaN, line: [] }));
  let end = Infinity;
  const outcomes = await Promise.all(
    jobs.map((job, i) =>
      pool.evaluate(jobOf(network, latency, i, rate), new AbortController().signal, ({ phase, done }) => {
        const at = clock();
        if (phase === 'compiling' && Number.isNaN(job.compiling)) job.compiling = at;
        if (phase === 'training') job.line.push({ at, steps: Math.round(done * total) });
        if (end === Infinity && jobs.every(({ line }) => line.length > 0)) end = at + seconds;
        return at > end ? 'stop' : 'continue';
      }),
    ),
  );
  const wrong = outcomes.find(({ state }) => state !== 'stopped');
  if (wrong !== undefined)
    throw new Error(`a job of the pool ended as ${wrong.state}: ${wrong.reason ?? ''}`);
  const counted = together(jobs.map(({ line }) => line));
  return {
    ms: [(1000 * counted.seconds) / counted.steps],
    compileMs: jobs.map(({ compiling, line }) => Math.round(1000 * (line[0].at - compiling))),
  };
}

function jobOf(network, latency, i, rate) {
  return {
    trial: i + 1,
    text: network.text,
    seed: `bench/${i}`,
    start: { kind: 'random' },
    plan: { epochs: EPOCHS, maxSteps: null, learningRate: rate / 10, schedule: 'constant', warmupEpochs: 0 },
    evaluationSplit: 'validation',
    gateMs: null,
    checkpoint: null,
    latency,
  };
}
