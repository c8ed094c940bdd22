// How right are look-up tables? Builds one per platform for mobilenetv3 at 28×28×1, corrects it by at most 10 measured
// networks, measures others and holds the table against them. `noise` says how well a second session of the
// same networks agrees with the first: what is left of it in their mean, no table can do better than.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopwatch } from '../../../dist/core/index.js';
import { atEnd } from '../../lib/ending.mjs';
import { nas } from '../lib/nas.mjs';

const AIM = { tau: 0.95, error: 0.05, calibration: 10 };

export async function validate({ options, turn, log, progress }) {
  const { networks } = options.numbers('validate');
  const results = [];
  for (const [i, platform] of options.platforms.entries()) {
    progress('validate')(i, options.platforms.length);
    // A turn that was disturbed starts over, since each line of a table counts.
    const { result, others } = await turn(() => oneTable(platform, networks, options.threads));
    results.push({ platform, others, ...result });
    log(shown(results.at(-1)));
  }
  return {
    what: `look-up tables of mobilenetv3, 28×28×1, 10 classes, batch 1, against ${networks} measured networks`,
    aim: AIM,
    results,
    summary: results.map(({ platform, corrected, calibration, noise, others }) => ({
      what: `${platform}: table of ${networks} networks, τ and error (of a second session: ${text(noise)})`,
      aim: `τ ≥ ${AIM.tau}, ≤ ${100 * AIM.error} %`,
      reached: text(corrected),
      met:
        corrected.tau >= AIM.tau && corrected.error <= AIM.error && calibration.networks <= AIM.calibration,
      others: [others],
    })),
  };
}

async function oneTable(platform, count, threads) {
  const folder = mkdtempSync(join(tmpdir(), 'nas-bench-table-'));
  const remove = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args) => nas(['latency', ...args], { NAS_LATENCY: join(folder, 'latency') });
  try {
    const file = join(folder, 'table.json');
    const elapsed = stopwatch();
    await run('build', '--platform', platform, '--threads', String(threads), '--out', file);
    const buildSeconds = Math.round(elapsed() / 1000);
    const {
      sum,
      corrected,
      repeated: noise,
      networks,
    } = JSON.parse(await run('validate', file, '--networks', String(count), '--json'));
    const { entries, emptyMs, perValueMs, cachePressure, calibration, fingerprint } = JSON.parse(
      await run('show', file, '--json'),
    );
    return {
      fingerprint,
      buildSeconds,
      entries,
      emptyMs,
      perValueMs,
      cachePressure,
      calibration,
      sum,
      corrected,
      noise,
      networks: networks.map(({ predictedMs, measuredMs }) => [predictedMs, measuredMs]),
    };
  } finally {
    remove();
  }
}

const text = ({ tau, error }) => `${tau.toFixed(3)}, ${(100 * error).toFixed(1)} %`;

const shown = ({ platform, entries, buildSeconds, sum, corrected, noise }) =>
  [
    `${platform}: ${entries} segments in ${buildSeconds} s`,
    `  τ, error of the sum ${text(sum)}, corrected ${text(corrected)}, of a second session ${text(noise)}`,
  ].join('\n');
