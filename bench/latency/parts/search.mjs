// Does the platform decide what a search finds? One search each on onnxruntime and on chromium, the same in all but the
// platform; the target is the median latency of random networks there, so that both have it equally hard. Then the best of
// both, and further candidates, are timed on both platforms in turns, and the result states whether the two best differ and why.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../../dist/core/index.js';
import { predictionErrorOf, compareLatencies } from '../../../dist/latency/index.js';
import { bestUnder, readStudy } from '../../../dist/trials/index.js';
import { atEnd } from '../../lib/ending.mjs';
import { table } from '../../lib/statistics.mjs';
import { nas } from '../lib/nas.mjs';
import { sampled } from '../lib/sampled.mjs';
import { withTimer } from '../lib/timer.mjs';
import { verdict } from '../lib/verdict.mjs';

const PLATFORMS = ['onnxruntime', 'chromium'];
const SEED = '1';
/** Random networks whose median is the target. */
const RANDOM = 9;
const REST_MS = 100;
/** Pictures of Fashion-MNIST that a search divides into trained and held out. */
const TRAINING = 60_000;

export async function search({ options, turn, log, progress }) {
  const { trials, steps, timed, rounds } = options.numbers('search');
  const runs = mkdtempSync(join(tmpdir(), 'nas-bench-search-'));
  const remove = atEnd(() => rmSync(runs, { recursive: true, force: true }));
  const targets = {};
  const studies = {};
  for (const platform of PLATFORMS) {
    progress(`search on ${platform}`)(0, 1);
    targets[platform] = await targetOn(platform, options.threads);
    const flags = {
      study: platform,
      runs,
      platform,
      'target-latency': `${targets[platform]}ms`,
      trials: String(trials),
      steps: String(steps),
      data: 'fashion-mnist',
      seed: SEED,
      mode: 'batch',
      threads: String(options.threads),
    };
    await nas(['search', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])], {
      NAS_LATENCY: join(runs, 'latency'),
    });
    studies[platform] = readBest(join(runs, platform), targets[platform]);
  }
  progress('')(1, 1);
  const texts = chosen(studies, timed);
  const sessions = await timedOnBoth(texts, {
    rounds,
    options,
    turn,
    progress,
    folder: join(runs, 'latency'),
  });
  remove();
  const result = summary({ studies, targets, texts, sessions });
  log(shown(result));
  return {
    what: 'a search each on two platforms, and both best networks timed on both',
    seed: SEED,
    trials,
    steps,
    ...result,
    summary: [
      {
        what: `the best of ${PLATFORMS.join(' and of ')}, ${trials} candidates each`,
        aim: 'differ, or why not',
        reached: result.verdict[0],
        met: true,
        others: PLATFORMS.flatMap((platform) => sessions[platform].map(({ others }) => others)),
      },
    ],
  };
}

async function targetOn(platform, threads) {
  const texts = sampled(RANDOM, { seed: 'bench/target' });
  const records = await withTimer({ platform, threads }, ({ time }) => time(texts, 'target'));
  return Number(median(records.map(({ medianMs }) => medianMs)).toPrecision(3));
}

/** The best within the target, and every trained candidate from accurate to less so. */
function readBest(folder, targetMs) {
  const reader = readStudy(folder);
  try {
    const done = reader.rows({ states: ['done'], sort: 'accuracy', descending: true });
    const best = bestUnder(done, targetMs);
    if (best === undefined) throw new Error(`no candidate of ${reader.study.name} met its target`);
    const counts = {};
    for (const { state } of reader.rows({})) counts[state] = (counts[state] ?? 0) + 1;
    const { heldOut } = reader.study.spec.data;
    return { counts, heldOut, best: facts(best), done: done.map(facts) };
  } finally {
    reader[Symbol.dispose]();
  }
}

const facts = ({ trial, text, accuracy, latencyMs }) => ({ trial, text, accuracy, latencyMs });

/** Both best networks first, then the most accurate of both in turns. */
function chosen(studies, count) {
  const lists = PLATFORMS.map((platform) => studies[platform].done);
  const rest = lists[0].flatMap((one, i) => [one, ...(lists[1][i] === undefined ? [] : [lists[1][i]])]);
  const all = [...PLATFORMS.map((platform) => studies[platform].best), ...rest, ...lists[1]];
  return [...new Set(all.map(({ text }) => text))].slice(0, Math.max(2, count));
}

/** Records of each session, in the order of the networks; each session is a turn. */
async function timedOnBoth(texts, { rounds, options, turn, progress, folder }) {
  const sessions = {};
  for (const platform of PLATFORMS)
    sessions[platform] = await withTimer({ platform, threads: options.threads, folder }, async ({ time }) => {
      const taken = [];
      for (let round = 0; round < rounds; round++) {
        progress(`timing on ${platform}`)(round, rounds);
        await sleep(REST_MS);
        const { result, others } = await turn(() => time(texts, `search/${round}`));
        taken.push({ others: Number(others.toFixed(3)), records: result });
      }
      return taken;
    });
  progress('')(1, 1);
  return sessions;
}

/** The reading of a network on a platform: the median over the sessions, its place among all, whether it meets the target. */
function summary({ studies, targets, texts, sessions }) {
  const [a, b] = PLATFORMS;
  const latencies = Object.fromEntries(
    PLATFORMS.map((platform) => [
      platform,
      texts.map((_, i) => median(sessions[platform].map(({ records }) => records[i].medianMs))),
    ]),
  );
  const reading = (platform, text) => {
    const own = latencies[platform][texts.indexOf(text)];
    const rank = 1 + latencies[platform].filter((other) => other < own).length;
    return { ms: own, rank, meets: own <= targets[platform] };
  };
  const best = Object.fromEntries(PLATFORMS.map((platform) => [platform, studies[platform].best]));
  const index = PLATFORMS.map((platform) => texts.indexOf(best[platform].text));
  const on = Object.fromEntries(
    PLATFORMS.map((platform) => [
      platform,
      {
        first: reading(platform, best[a].text),
        second: reading(platform, best[b].text),
        comparisons: sessions[platform].map(({ records }) =>
          compareLatencies(records[index[0]], records[index[1]]),
        ),
      },
    ]),
  );
  const { tau } = predictionErrorOf(
    texts.map((_, i) => ({ predictedMs: latencies[a][i], measuredMs: latencies[b][i] })),
  );
  const pictures = Math.round(TRAINING * studies[a].heldOut);
  return {
    targets,
    searches: studies,
    texts,
    latencies,
    tau,
    on,
    verdict: verdict({ best, on, tau, timed: texts.length, pictures }),
    sessions,
  };
}

function shown({ targets, searches, texts, latencies, verdict: lines }) {
  const rows = texts.map((text, i) => [
    PLATFORMS.filter((platform) => searches[platform].best.text === text)
      .map((platform) => `best of ${platform}`)
      .join(', ') || 'another candidate',
    ...PLATFORMS.map((platform) => latencies[platform][i].toFixed(3)),
  ]);
  const head = ['', ...PLATFORMS.map((platform) => `${platform}, ms (target ${targets[platform]})`)];
  return [table([head, ...rows]), ...lines.map((line) => `  ${line}`)].join('\n');
}
