// npm run bench:netadapt: what is NetAdapt worth against scaling and uniform cutting? See README.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { atEnd } from '../lib/ending.mjs';
import { load, machine } from '../lib/machine.mjs';
import { writeResult } from '../lib/results.mjs';
import { table } from '../lib/statistics.mjs';
import { log, main } from '../lib/words.mjs';
import { compare } from './lib/compare.mjs';
import { HELP, parseOptions } from './lib/options.mjs';

async function bench(options) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-netadapt-'));
  const remove = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const before = load();
  const runs = [];
  for (const network of options.networks)
    for (const data of options.data)
      for (const seed of options.seeds) {
        log(`== ${network} on ${data.split(':')[0]}, seed ${seed}`);
        runs.push(await compare({ network, data, seed, folder, options, log }));
      }
  log(shown(runs));
  await writeResult('netadapt', options.out, options.name, {
    command: options.command,
    date: new Date().toISOString().slice(0, 10),
    machine: machine({}),
    loadBefore: before,
    loadAfter: load(),
    settings: options.settings,
    runs,
  });
  remove();
}

/** A line an arm: latency as a share of the start's and test accuracy, means over runs. */
function shown(runs) {
  const names = [...new Set(runs.flatMap(({ arms }) => arms.map(({ arm }) => arm)))];
  const rows = names.map((name) => {
    const found = runs.flatMap(({ arms, startMs }) =>
      arms.filter(({ arm }) => arm === name).map((one) => ({ ...one, share: one.latencyMs / startMs })),
    );
    const percent = (key) => (100 * mean(found.map((one) => one[key]))).toFixed(1);
    return [name, String(found.length), percent('share'), percent('testAccuracy')];
  });
  return table([['arm', 'runs', 'latency, % of start', 'test accuracy, %'], ...rows]);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

await main(basename(process.argv[1]), async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(HELP);
  else await bench(options);
});
