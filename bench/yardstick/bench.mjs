// npm run bench:yardstick: the product against what a user would do without it, in the same time. See README.md.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { atEnd } from '../lib/ending.mjs';
import { load, machine } from '../lib/machine.mjs';
import { usedByFamily, withOthers } from '../lib/others.mjs';
import { writeResult } from '../lib/results.mjs';
import { table } from '../lib/statistics.mjs';
import { log, main } from '../lib/words.mjs';
import { HELP, parseOptions } from './lib/options.mjs';
import { evaluate, referenceMs, versions } from './lib/python.mjs';
import { runTool } from './lib/tools.mjs';

async function bench(options) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-yardstick-'));
  const remove = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const reference = join(folder, 'reference.onnx');
  const before = load();
  const runs = [];
  for (const seed of options.seeds)
    for (const fraction of options.fractions)
      for (const tool of options.tools) {
        const targetMs = fraction * (await referenceMs(options, reference));
        log(`== ${tool}, ${fraction} of the reference (${targetMs.toFixed(3)} ms), seed ${seed}`);
        const out = join(folder, `${tool}-${fraction}-${seed}`);
        const settings = { tool, seed, fraction, targetMs, out, options };
        const { result, others } = await withOthers(usedByFamily, () => timed(settings));
        const evaluated = existsSync(result.model) ? await evaluate(options, result.model, reference) : null;
        runs.push({ tool, seed, fraction, targetMs, minutes: result.minutes, others, ...evaluated });
        log(JSON.stringify(runs.at(-1)));
      }
  log(shown(runs));
  await writeResult('yardstick', options.out, options.name, {
    command: options.command,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(await versions(options)),
    loadBefore: before,
    loadAfter: load(),
    runs,
  });
  remove();
}

async function timed(settings) {
  const begin = performance.now();
  const model = await runTool(settings);
  return { model, minutes: Number(((performance.now() - begin) / 60_000).toFixed(2)) };
}

/** A line a tool and fraction: means over seeds. */
function shown(runs) {
  const names = [...new Set(runs.map(({ tool, fraction }) => `${fraction} ${tool}`))];
  const of = (name) => runs.filter(({ tool, fraction }) => `${fraction} ${tool}` === name);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rows = names.map((name) => {
    const done = of(name).filter(({ test_accuracy: accuracy }) => accuracy !== undefined);
    const meanOf = (key) => (done.length === 0 ? NaN : mean(done.map((run) => run[key])));
    return [
      ...name.split(' '),
      String(done.length),
      (100 * meanOf('test_accuracy')).toFixed(2),
      meanOf('ratio').toFixed(3),
      meanOf('minutes').toFixed(1),
    ];
  });
  return table([
    ['fraction', 'tool', 'runs', 'test accuracy, %', 'latency, of the reference', 'minutes'],
    ...rows,
  ]);
}

await main(basename(process.argv[1]), async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(HELP);
  else await bench(options);
});
