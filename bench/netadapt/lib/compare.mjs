// One network, data set and seed: it is trained, shrunk in several ways to one latency, and all are trained finally for the same time.
import { join } from 'node:path';
import { beginStudy, prepareStudy } from '../../../dist/app/index.js';
import { formatArchitecture, presetArchitecture } from '../../../dist/space/index.js';
import { places } from '../../../dist/app/environment.js';
import { knapsack } from './knapsack.mjs';
import { refined } from './refined.mjs';
import { scaledTo } from './scaled.mjs';

const LONG = 10_000;

/** @returns the start's latency and accuracy, and a row for each arm. Latencies of arms come from one session. */
export async function compare({ network, data, seed, folder, options, log }) {
  const { settings } = options;
  const signal = new AbortController().signal;
  const prepared = await prepareStudy({
    study: `${network}-${seed}`,
    data: {
      ...{ name: data, folder: options.dataFolder, heldOut: 0.1, limit: settings.limit },
      size: data.startsWith('images:') ? settings.size : null,
    },
    ...{
      space: 'mobilenetv3',
      targetMs: 1,
      platform: settings.platform,
      strategy: 'random',
      trials: 1,
      seed,
    },
    ...{ finetuneSteps: settings.finetuneSteps, delta: settings.delta, proposals: settings.proposals },
    workers: 2,
  });
  const where = places({ runs: join(folder, 'runs'), data: options.dataFolder });
  const session = await beginStudy(prepared, { places: where, signal });
  try {
    return await compared({ session, network, data, seed, options, signal, log });
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

async function compared({ session, network, data, seed, options, signal, log }) {
  const { settings } = options;
  const { spec } = session;
  const pool = await session.pool();
  const text = formatArchitecture(presetArchitecture(network, spec.task));
  const train = (job) => trained(pool, { seed: `${seed}/bench`, gateMs: null, ...job }, signal);

  const start = await train({
    ...{ trial: 1, text, start: { kind: 'random' }, evaluationSplit: 'validation' },
    plan: timed(spec.proxy, settings.startSeconds),
    checkpoint: 'trial-1.weights',
  });
  log(`trained: ${percent(start.accuracy)} held out, ${start.latency.medianMs.toFixed(3)} ms`);
  const tools = { pool, spec, folder: session.folder, settings, text, start, seed, signal, log };
  const arms = await armsOf(options.arms, tools);

  const timedAgain = await pool.measure([text, ...arms.map((arm) => arm.text)], signal);
  const rows = [];
  for (const [i, { arm, text: of, from, note }] of arms.entries()) {
    const final = await train({
      ...{ trial: 900 + i, text: of, evaluationSplit: 'test', checkpoint: null },
      start: from === null ? { kind: 'random' } : from,
      plan: timed(
        {
          ...spec.final,
          learningRate: from === null ? spec.final.learningRate : spec.refine.finetune.learningRate,
        },
        settings.finalSeconds,
      ),
      latency: timedAgain[i + 1],
    });
    const { medianMs, lowMs, highMs } = timedAgain[i + 1];
    rows.push({ arm, latencyMs: medianMs, lowMs, highMs, testAccuracy: final.accuracy, text: of, ...note });
    log(`${arm}: ${percent(final.accuracy)} on the test set at ${medianMs.toFixed(3)} ms`);
  }
  return {
    ...{ network, data: data.split(':')[0], seed, text, startAccuracy: start.accuracy },
    ...{ startMs: timedAgain[0].medianMs, arms: rows },
  };
}

/** NetAdapt first: the latency that it reaches is the one that all others are brought to. */
async function armsOf(wanted, tools) {
  const { start, settings } = tools;
  const arms = [];
  let targetMs = settings.target * start.latency.medianMs;
  for (const [arm, stepCriterion] of [
    ['netadapt', 'loss'],
    ['min-accuracy-loss', 'min-accuracy-loss'],
  ]) {
    if (!wanted.includes(arm)) continue;
    const found = await refined({ ...tools, arm, stepCriterion, targetMs });
    if (arms.length === 0) targetMs = Math.max(targetMs, found.reachedMs);
    arms.push(found);
  }
  if (wanted.includes('knapsack')) {
    const solved = await knapsack({ ...tools, targetMs });
    const from = { kind: 'surgery', checkpoint: 'trial-1.weights', text: tools.text, criterion: 'l2' };
    if (solved !== undefined)
      arms.push({ arm: 'knapsack', text: solved.text, from, note: { meets: solved.meets } });
  }
  if (!wanted.includes('width') && !wanted.includes('uniform-l2')) return arms;
  const scaled = await scaledTo({ ...tools, targetMs });
  const cut = { kind: 'surgery', checkpoint: 'trial-1.weights', text: tools.text, criterion: 'l2' };
  const both = [
    { arm: 'uniform-l2', text: scaled.text, from: cut, note: { factor: scaled.factor } },
    { arm: 'width', text: scaled.text, from: null, note: { factor: scaled.factor } },
  ];
  return [...arms, ...both.filter(({ arm }) => wanted.includes(arm))];
}

function timed(plan, seconds) {
  return { ...plan, epochs: LONG, maxSteps: null, maxSeconds: seconds };
}

async function trained(pool, job, signal) {
  const outcome = await pool.evaluate(job, signal, () => 'continue');
  if (outcome.state !== 'done') throw new Error(`${job.text} was not trained: ${outcome.reason}`);
  return outcome;
}

const percent = (share) => `${(100 * share).toFixed(2)} %`;
