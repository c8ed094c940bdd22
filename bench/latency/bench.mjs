// npm run bench:latency: can the latencies be believed? See README.md.
import { basename } from 'node:path';
import { load, machine } from '../lib/machine.mjs';
import { usedByFamily } from '../lib/others.mjs';
import { disturbance, isDisturbed, quietly } from '../lib/quiet.mjs';
import { writeResult } from '../lib/results.mjs';
import { table } from '../lib/statistics.mjs';
import { log, main, progress } from '../lib/words.mjs';
import { HELP, parseOptions } from './lib/options.mjs';

/** Takes a turn of a part, again where others worked at the same time; all that this bench started is its own. */
const turn = (work) => quietly(usedByFamily, work, { repeats: 2 });

async function bench(options) {
  const rows = [];
  for (const part of options.parts) {
    const run = (await import(`./parts/${part}.mjs`))[part];
    log(`== ${part}`);
    const before = load();
    const { versions, summary, ...result } = await run({ options, turn, log, progress });
    const reached = summary.map(({ others, ...row }) => ({
      ...row,
      disturbed: isDisturbed(Math.max(0, ...others)),
    }));
    for (const line of disturbance(summary.flatMap(({ others }) => others))) log(line);
    rows.push(...reached.map((row) => ({ part, ...row })));
    await writeResult('latency', options.out, part, {
      part,
      command: options.command,
      date: new Date().toISOString().slice(0, 10),
      machine: machine(versions),
      threads: options.threads,
      loadBefore: before,
      loadAfter: load(),
      reached,
      ...result,
    });
  }
  log(shown(rows, options));
}

function shown(rows, { short }) {
  const head = ['part', 'what', 'aim', 'reached', ''];
  const verdict = ({ met, disturbed }) =>
    [met === null ? '' : met ? 'met' : 'NOT MET', disturbed ? 'DISTURBED' : ''].filter(Boolean).join(', ');
  return [
    table([head, ...rows.map((row) => [row.part, row.what, row.aim, row.reached, verdict(row)])]),
    ...(short ? ['--short: shows that the parts work; the aims are held against the long form'] : []),
  ].join('\n');
}

await main(basename(process.argv[1]), async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(HELP);
  else await bench(options);
});
