// Steps per second of the product's pool at several workers × threads, against PyTorch's processes × threads. Only the time
// in which all workers train is counted; each trains one network by the quick recipe, whole steps on both sides.
import { defaultWorkers } from '../../../dist/app/index.js';
import { openPool } from '../lib/our-pool.mjs';
import { recipes } from '../lib/recipes.mjs';
import { startTorch } from '../lib/sides.mjs';
import { race, shownRace } from './racing.mjs';

/** PyTorch's processes × threads. */
const TORCH = [
  [1, 2],
  [2, 1],
];

export async function pool({ python, pictures, networks, options, log, progress }) {
  if (!pictures.real) throw new Error('the pool reads Fashion-MNIST. fix: npx nas data get fashion-mnist');
  const ours = [];
  const torch = [];
  try {
    for (const [workers, threads] of options.pools)
      ours.push({ name: `ours ${workers}×${threads}`, pool: await openPool({ workers, threads }) });
    for (const [processes, threads] of TORCH)
      torch.push({
        name: `torch ${processes}×${threads}`,
        sides: await several(processes, { python, threads, folder: pictures.folder }),
      });
    const results = [];
    for (const network of networks) {
      results.push(
        await race({
          network,
          ours,
          torch,
          kinds: ['whole'],
          recipe: recipes.quick,
          pictures,
          seconds: options.poolSeconds,
          rounds: options.poolRounds,
          progress: progress(`pool, ${network.name}`),
        }),
      );
      log(shownRace(results.at(-1)));
    }
    const workers = ranked(results);
    log(shownRanking(workers));
    const versions = {
      ours: { ...ours[0].pool.versions, node: process.version },
      torch: torch[0].sides[0].hello,
    };
    return { recipe: recipes.quick, secondsPerTurn: options.poolSeconds, versions, results, workers };
  } finally {
    await Promise.all([
      ...ours.map((one) => one.pool.close()),
      ...torch.flatMap(({ sides }) => sides.map((side) => side.close())),
    ]);
  }
}

const several = (count, options) => Promise.all(Array.from({ length: count }, () => startTorch(options)));

/** How each of our pools does against the best of ours, over all networks: geometric mean of the shares. */
function ranked(results) {
  const names = Object.keys(results[0].stepsPerSecond).filter((name) => name.startsWith('ours'));
  const share = ({ stepsPerSecond, best }, name) =>
    stepsPerSecond[name].median / stepsPerSecond[best.ours].median;
  const shares = names.map((name) => ({
    pool: name,
    share: Number(
      Math.exp(results.reduce((sum, one) => sum + Math.log(share(one, name)), 0) / results.length).toFixed(3),
    ),
  }));
  return { shares: shares.sort((a, b) => b.share - a.share), defaultWorkers: defaultWorkers() };
}

function shownRanking({ shares, defaultWorkers: present }) {
  const [first] = shares;
  return [
    'our pools by speed over all networks, 1 is the best of each network:',
    ...shares.map(({ pool: name, share }) => `  ${name}: ${share.toFixed(3)}`),
    `best workers × threads: ${first.pool.replace('ours ', '')}; the product's default here: ${present} workers`,
  ].join('\n');
}
