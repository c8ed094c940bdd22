// What does it change that TensorFlow with one thread is timed on one core? The same networks in several processes each
// way, in turns; the way without is a process that finds no `taskset`. Needs a build (npm run build).
//
//   node bench/latency/cores.mjs [networks] [processes]
import { mean, standardDeviation } from '../../dist/core/index.js';
import { table } from '../lib/statistics.mjs';
import { sampled } from './lib/sampled.mjs';
import { withTimer } from './lib/timer.mjs';

const [count = 4, processes = 5] = process.argv.slice(2).map(Number);
const WAYS = { 'any core': { PATH: '' }, 'one core': {} };
const networks = sampled(count, { seed: 'repeat/networks' });
const taken = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));

for (let i = 0; i < processes; i++)
  for (const [way, environment] of Object.entries(WAYS))
    taken[way].push(
      await withTimer({ platform: 'tensorflow', threads: 1, environment }, async ({ time, fingerprint }) => {
        if ((fingerprint.oneCore === true) !== (way === 'one core'))
          throw new Error(`not timed on ${way}: this machine has one core, or no taskset`);
        const records = [];
        for (const text of networks) records.push((await time([text], 'cores'))[0]);
        // Of this session alone: each process has its own scale.
        return records.map((one) => one.medianMs / one.reference.factor);
      }),
    );

const rows = Object.entries(taken).map(([way, runs]) => {
  const variations = networks.map((_, i) => {
    const values = runs.map((run) => run[i]);
    return standardDeviation(values) / mean(values);
  });
  return [way, `${mean(runs.flat()).toFixed(2)} ms`, `${(100 * mean(variations)).toFixed(1)} %`];
});
console.log(table([['timed on', 'mean of the fastest tenth', 'variation between processes'], ...rows]));
