// How well do latencies repeat between processes? Random networks are timed one per session, as a search does, in several
// processes one after the other; reported is the coefficient of variation of each network's latency over the processes: as
// recorded (fastest runs with the reference), of the fastest runs only, and of the plain medians.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mean, median, quantile, standardDeviation, stopwatch } from '../../../dist/core/index.js';
import { defaultProtocol } from '../../../dist/latency/index.js';
import { atEnd } from '../../lib/ending.mjs';
import { table } from '../../lib/statistics.mjs';
import { percent, sampled } from '../lib/sampled.mjs';
import { withTimer } from '../lib/timer.mjs';

const AIM = 3;

export async function repeat({ options, turn, log, progress }) {
  const { networks: count, processes } = options.numbers('repeat');
  const networks = sampled(count, { seed: 'repeat/networks' });
  const folder = mkdtempSync(join(tmpdir(), 'nas-bench-repeat-'));
  const remove = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const runs = new Map(options.platforms.map((name) => [name, []]));
  const show = progress('repeat');
  for (let i = 0; i < processes; i++)
    for (const [k, platform] of options.platforms.entries()) {
      show(i * options.platforms.length + k, processes * options.platforms.length);
      const { result, others } = await turn(() => oneProcess(platform, networks, options.threads, folder));
      runs.get(platform).push({ others, ...result });
    }
  remove();
  show(1, 1);
  const platforms = Object.fromEntries([...runs].map(([name, all]) => [name, summary(all)]));
  log(shown(platforms));
  return {
    what: 'coefficient of variation, in %, of the latencies of the same networks over separate processes',
    protocol: defaultProtocol,
    networks,
    platforms,
    summary: Object.entries(platforms).map(([platform, { cv, processes: all }]) => ({
      what: `${platform}: coefficient of variation, ${count} networks, ${processes} processes, mean (median, most)`,
      aim: `≤ ${AIM} %`,
      reached: `${cv.recorded.mean} % (${cv.recorded.median}, ${cv.recorded.max})`,
      met: cv.recorded.mean <= AIM,
      others: all.map(({ others }) => others),
    })),
  };
}

/** Each network in a separate session. */
function oneProcess(platform, networks, threads, folder) {
  return withTimer({ platform, threads, folder }, async ({ fingerprint, time }) => {
    const sessions = [];
    for (const text of networks) {
      const elapsed = stopwatch();
      const [record] = await time([text], 'repeat');
      sessions.push({ ...record, seconds: Number((elapsed() / 1000).toFixed(2)) });
    }
    return { fingerprint, sessions };
  });
}

function summary(all) {
  return {
    cv: {
      recorded: spread(all, (one) => one.medianMs),
      /** By the reference whole, nothing held back. */
      wholeCorrection: spread(all, (one) => one.medianMs / one.reference.factor / one.reference.medianMs),
      fastestRunsOnly: spread(all, (one) => one.medianMs / one.reference.factor),
      plainMedians: spread(all, (one) => one.rawMedianMs),
    },
    settled: mean(all.flatMap(({ sessions }) => sessions.map((s) => Number(s.settled)))),
    secondsPerNetwork: mean(all.flatMap(({ sessions }) => sessions.map((s) => s.seconds))),
    /** Of each process: how much faster it ran than the baseline of the reference. */
    factors: all.map(({ sessions }) => Number(median(sessions.map((s) => s.reference.factor)).toFixed(4))),
    processes: all,
  };
}

/** Coefficients of variation in %, over the processes, of every network. */
function spread(runs, value) {
  const shares = runs[0].sessions.map((_, i) => {
    const found = runs.map(({ sessions }) => value(sessions[i]));
    return standardDeviation(found) / mean(found);
  });
  return {
    median: percent(median(shares)),
    mean: percent(mean(shares)),
    p90: percent(quantile(shares, 0.9)),
    max: percent(Math.max(...shares)),
    each: shares.map((share) => percent(share)),
  };
}

function shown(platforms) {
  const rows = Object.entries(platforms).flatMap(([name, { cv }]) =>
    Object.entries(cv).map(([what, one]) => [`${name} ${what}`, one.median, one.mean, one.p90, one.max]),
  );
  return table([['coefficient of variation, %', 'median', 'mean', 'p90', 'most'], ...rows]);
}
