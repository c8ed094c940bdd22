// Does what runs at the same time change a measured latency? In the real pool: networks are timed on an idle host, while two
// trainings run under the timing lock, and while other processes, which the lock cannot stop, use every core. The three take
// turns, round by round.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { places } from '../../../dist/app/index.js';
import { createRng, mean, median } from '../../../dist/core/index.js';
import { defaultProtocol } from '../../../dist/latency/index.js';
import { startPool } from '../../../dist/pool/index.js';
import { quickRecipe } from '../../../dist/train/index.js';
import { atEnd } from '../../lib/ending.mjs';
import { table } from '../../lib/statistics.mjs';
import { twoClasses } from '../../lib/two-classes.mjs';
import { percent, sampled } from '../lib/sampled.mjs';

const AIM = 3;
const SIDE = 32;
const never = new AbortController().signal;

export async function concurrent({ options, turn, log, progress }) {
  const { networks, rounds } = options.numbers('concurrent');
  const texts = sampled(networks, { input: [SIDE, SIDE, 3], classes: 2, seed: 'concurrent' });
  const results = [];
  for (const platform of options.platforms) {
    const show = progress(`concurrent, ${platform}`);
    const taken = await onPlatform({ platform, texts, rounds, threads: options.threads, turn, show });
    results.push({ platform, ...summary(taken, texts) });
    log(shown(results.at(-1)));
  }
  return {
    what: 'change, in %, of measured latencies during two trainings of the same pool and with other processes',
    protocol: defaultProtocol,
    texts,
    results,
    summary: results.map(({ platform, changes, rounds: taken }) => ({
      what: `${platform}: change during two trainings, ${networks} networks, mean (most)`,
      aim: `≤ ${AIM} %`,
      reached: `${changes.withTrainings.recorded.mean} % (${changes.withTrainings.recorded.worst})`,
      met: Math.abs(changes.withTrainings.recorded.worst) <= AIM,
      others: [...taken.idle, ...taken.withTrainings].map(({ others }) => others),
    })),
  };
}

async function onPlatform({ platform, texts, rounds, threads, turn, show }) {
  const root = mkdtempSync(join(tmpdir(), 'nas-bench-concurrent-'));
  const remove = atEnd(() => rmSync(root, { recursive: true, force: true }));
  const warnings = [];
  const found = { idle: [], withTrainings: [], withProcesses: [] };
  const name = await twoClasses(join(root, 'pictures'), SIDE, createRng('pictures'));
  mkdirSync(join(root, 'checkpoints'));
  const pool = await startPool(
    {
      backend: {
        kind: 'tensorflow',
        flavour: 'cpu',
        directory: places().tensorflow,
        deterministic: false,
      },
      data: { name, folder: root, heldOut: 0.2, seed: '1', size: SIDE, limit: null },
      recipe: { ...quickRecipe, batch: 32 },
      latency: {
        platform,
        batch: 1,
        protocol: { ...defaultProtocol, seed: 'concurrent' },
        folder: join(root, 'latency'),
      },
      checkpoints: join(root, 'checkpoints'),
      workers: 2,
      threads,
    },
    { signal: never, log: () => undefined, environment: process.env, warn: (text) => warnings.push(text) },
  );
  /** One network per session, as a search times its candidates. */
  const time = async () => {
    const records = [];
    for (const text of texts) {
      const [{ samplesMs, ...record }] = await pool.measure([text], never);
      void samplesMs;
      records.push(record);
    }
    return records;
  };
  const turnInto = async (list) => {
    const { result, others } = await turn(time);
    list.push({ others: Number(others.toFixed(3)), records: result });
  };
  try {
    await time();
    const [known] = await pool.measure([texts[0]], never);
    for (let round = 0; round < rounds; round++) {
      show(round, rounds);
      await turnInto(found.idle);
      const stopTraining = await trainings(pool, texts, known);
      await turnInto(found.withTrainings);
      await stopTraining();
      const stopHogs = await hogs();
      try {
        await turnInto(found.withProcesses);
      } finally {
        stopHogs();
      }
    }
    show(1, 1);
    return { fingerprint: pool.fingerprint, found, warnings };
  } finally {
    await pool[Symbol.asyncDispose]();
    remove();
  }
}

/** Two trainings that run until they are stopped; resolves when both are training. */
async function trainings(pool, texts, latency) {
  const stop = new AbortController();
  const begun = [1, 2].map(() => {
    const one = {};
    one.promise = new Promise((resolve) => (one.resolve = resolve));
    return one;
  });
  const ends = begun.map(({ resolve }, i) =>
    pool.evaluate(
      {
        trial: i + 1,
        text: texts[i % texts.length],
        seed: `concurrent/${i}`,
        start: { kind: 'random' },
        plan: { epochs: 100_000, maxSteps: null, learningRate: 0.01, schedule: 'constant', warmupEpochs: 0 },
        evaluationSplit: 'validation',
        gateMs: null,
        checkpoint: null,
        latency,
      },
      stop.signal,
      ({ phase }) => {
        if (phase === 'training') resolve();
        return 'continue';
      },
    ),
  );
  await Promise.all(begun.map(({ promise }) => promise));
  return async () => {
    stop.abort();
    await Promise.all(ends);
  };
}

/** Processes that do nothing but use a core each; ends them itself. */
async function hogs() {
  const program = 'const a = new Float64Array(4e6); for (;;) for (let i = 0; i < a.length; i++) a[i] += i;';
  const running = Array.from({ length: cpus().length }, () =>
    spawn(process.execPath, ['-e', program], { stdio: 'ignore' }),
  );
  await sleep(500);
  const end = atEnd(() => running.forEach((one) => one.kill('SIGKILL')));
  return end;
}

function summary({ fingerprint, found, warnings }, texts) {
  /** Change against idle in %, of each network's median over the rounds. */
  const change = (rounds, value) => {
    const centre = (list, i) => median(list.map(({ records }) => value(records[i])));
    const each = texts.map((_, i) => percent(centre(rounds, i) / centre(found.idle, i) - 1));
    return {
      mean: Number(mean(each).toFixed(2)),
      worst: each.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)),
      each,
    };
  };
  const changes = Object.fromEntries(
    ['withTrainings', 'withProcesses'].map((what) => [
      what,
      {
        recorded: change(found[what], (one) => one.medianMs),
        fastestRunsOnly: change(found[what], (one) => one.medianMs / one.reference.factor),
        plainMedians: change(found[what], (one) => one.rawMedianMs),
      },
    ]),
  );
  return { fingerprint, changes, warnings, rounds: found };
}

function shown({ platform, changes, warnings }) {
  const rows = Object.entries(changes).flatMap(([what, ways]) =>
    Object.entries(ways).map(([way, { mean: centre, worst }]) => [`${what} ${way}`, centre, worst]),
  );
  return [table([[`${platform}: change against idle, %`, 'mean', 'most'], ...rows]), ...warnings].join('\n');
}
