/**
 * How right are look-up tables? Builds one per platform for mobilenetv3 at 28×28×1, corrects it by at most 10 measured
 * networks, measures 40 others and holds the table against them. Writes one JSON document to standard output; the aim
 * is Kendall's τ of at least 0.95 and a mean error of at most 5 % after the correction. `noise` says how well a second
 * measurement of the same networks, in sessions of its own, agrees with the first: no table can do better than that.
 * A quiet machine is needed: the load before and after each part is told.
 *
 *   npm run build && node bench/latency/validate.mjs [--networks N] [--keep FOLDER] [PLATFORM …]
 *
 * With --keep the tables stay in the folder, and a stopped run goes on there.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { agreementOf } from '../../dist/latency/index.js';

const AIM = { tau: 0.95, error: 0.05 };
const { values, positionals } = parseArgs({
  options: { networks: { type: 'string', default: '40' }, keep: { type: 'string' } },
  allowPositionals: true,
});
const platforms = positionals.length > 0 ? positionals : ['onnxruntime', 'tensorflow'];
const program = join(dirname(fileURLToPath(import.meta.url)), '../../dist/cli/nas.js');
const folder = resolve(values.keep ?? mkdtempSync(join(tmpdir(), 'nas-bench-')));
mkdirSync(folder, { recursive: true });

const nas = (...args) =>
  execFileSync(process.execPath, [program, 'latency', ...args], {
    env: { ...process.env, NAS_LATENCY: join(folder, 'latency') },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
const load = () => Number(loadavg()[0].toFixed(2));
const seconds = (since) => Math.round(Number(process.hrtime.bigint() - since) / 1e9);

/** The measured networks of a table by text. */
function measured(file) {
  const { networks } = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(
    networks.filter(({ use }) => use === 'validation').map(({ text, medianMs }) => [text, medianMs]),
  );
}

/** The same networks measured once more, into a copy of the table without them. */
function again(file) {
  const copy = `${file}.again.json`;
  copyFileSync(file, copy);
  const table = JSON.parse(readFileSync(copy, 'utf8'));
  table.networks = table.networks.filter(({ use }) => use === 'calibration');
  writeFileSync(copy, JSON.stringify(table));
  nas('validate', copy, '--networks', values.networks);
  const [first, second] = [measured(file), measured(copy)];
  rmSync(copy);
  return agreementOf(
    [...first].flatMap(([text, predictedMs]) => {
      const measuredMs = second.get(text);
      return measuredMs === undefined ? [] : [{ predictedMs, measuredMs }];
    }),
  );
}

const results = [];
try {
  for (const platform of platforms) {
    const before = load();
    let start = process.hrtime.bigint();
    const file = join(folder, `${platform.replace(/[^a-z0-9]+/gi, '-')}.json`);
    nas('build', '--platform', platform, '--out', file);
    const buildSeconds = seconds(start);
    start = process.hrtime.bigint();
    const { sum, corrected, networks } = JSON.parse(
      nas('validate', file, '--networks', values.networks, '--json'),
    );
    const validateSeconds = seconds(start);
    const noise = again(file);
    const { entries, emptyMs, calibration, fingerprint } = JSON.parse(nas('show', file, '--json'));
    results.push({
      platform,
      fingerprint,
      load: [before, load()],
      buildSeconds,
      entries,
      emptyMs,
      validateSeconds,
      calibration,
      sum,
      corrected,
      noise,
      aimMet: corrected.tau >= AIM.tau && corrected.error <= AIM.error && calibration.networks <= 10,
      networks: networks.map(({ predictedMs, measuredMs }) => [predictedMs, measuredMs]),
    });
  }
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}
console.log(
  JSON.stringify(
    {
      what: `look-up tables of mobilenetv3, 28×28×1, 10 classes, batch 1, against ${values.networks} measured networks`,
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      node: process.version,
      aim: AIM,
      results,
    },
    null,
    1,
  ),
);
