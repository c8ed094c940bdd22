// Steps per second of the product's pool at several workers × threads, against PyTorch's processes × threads. Only the time
// in which all workers train is counted; each trains one network by the quick recipe, whole steps on both sides.
import { median } from '../../../dist/core/index.js';
import { defaultWorkers } from '../../../dist/app/index.js';
import { load } from '../lib/machine.mjs';
import { openPool } from '../lib/our-pool.mjs';
import { compiled, recipes } from '../lib/recipes.mjs';
import { startTorch } from '../lib/sides.mjs';
import { ratioOf, shown, summary, table } from '../lib/statistics.mjs';
import { together } from '../lib/throughput.mjs';
import { disturbance, inTurns, quickest } from '../lib/turns.mjs';

/** PyTorch's processes × threads. */
const TORCH = [
  [1, 2],
  [2, 1],
];
const LAYOUTS = ['first', 'last'];
const RATE = 0.01;

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
      results.push(await compete({ network, ours, torch, pictures, options, progress }));
      log(shownPool(results.at(-1)));
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

async function compete({ network, ours, torch, pictures, options, progress }) {
  const seconds = options.poolSeconds;
  const compileMs = Object.fromEntries(ours.map(({ name }) => [name, []]));
  const latency = await ours[0].pool.latency(network.text);
  const contestants = ours.map(({ name, pool: one }) => ({
    name,
    pids: () => [one.pid],
    async turn() {
      const taken = await one.turn(network, latency, seconds);
      compileMs[name].push(...taken.compileMs);
      return taken;
    },
  }));
  const opened = [];
  for (const { name, sides } of torch)
    for (const layout of LAYOUTS) {
      const id = `${name}, channels ${layout}`;
      const spec = {
        ...network,
        recipe: compiled(recipes.quick, 843, pictures),
        whole: true,
        layout,
        seed: 1,
      };
      for (const side of sides) {
        await side.ask({ do: 'open', id, spec });
        opened.push({ side, id });
      }
      contestants.push({
        name: id,
        pids: () => sides.map(({ pid }) => pid),
        turn: () => torchTurn(sides, id, seconds),
      });
    }
  const before = load();
  const times = await inTurns(contestants, options.poolRounds, progress(`pool, ${network.name}`));
  for (const { side, id } of opened) await side.ask({ do: 'close', ids: [id] });
  const names = Object.keys(times);
  const best = {
    ours: quickest(
      times,
      names.filter((name) => name.startsWith('ours')),
    ),
    torch: quickest(
      times,
      names.filter((name) => name.startsWith('torch')),
    ),
  };
  return {
    network: network.name,
    best,
    // Steps per second of ours by PyTorch's: above 1 where ours is quicker.
    ratio: ratioOf(times[best.torch].ms.rounds, times[best.ours].ms.rounds),
    stepsPerSecond: Object.fromEntries(
      names.map((name) => [name, summary(times[name].ms.rounds.map((ms) => 1000 / ms))]),
    ),
    othersCores: Object.fromEntries(names.map((name) => [name, times[name].othersCores])),
    compileMs: Object.fromEntries(Object.entries(compileMs).map(([name, all]) => [name, median(all)])),
    load: [before, load()],
  };
}

/** All processes train for so many seconds; their clock is the machine's. */
async function torchTurn(sides, id, seconds) {
  const runs = await Promise.all(sides.map((side) => side.ask({ do: 'run', id, seconds, rate: RATE })));
  const counted = together(runs.map(({ ends }) => ends.map((at, steps) => ({ at, steps }))));
  return { ms: [(1000 * counted.seconds) / counted.steps] };
}

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

function shownPool({ network, best, ratio, stepsPerSecond, othersCores, compileMs }) {
  const rows = Object.entries(stepsPerSecond).map(([name, rate]) => [
    name,
    shown(rate, 2),
    compileMs[name] ?? '',
  ]);
  const head = [`${network}, workers × threads`, 'steps a second (quartiles)', 'compile ms'];
  const others = Object.fromEntries(
    Object.entries(othersCores).map(([name, cores]) => [name, { othersCores: cores }]),
  );
  return [
    table([head, ...rows]),
    `  ${best.ours} / ${best.torch}: ${shown(ratio, 3)}`,
    ...disturbance(others),
  ].join('\n');
}

function shownRanking({ shares, defaultWorkers: present }) {
  const [first] = shares;
  return [
    'our pools by speed over all networks, 1 is the best of each network:',
    ...shares.map(({ pool: name, share }) => `  ${name}: ${share.toFixed(3)}`),
    `best workers × threads: ${first.pool.replace('ours ', '')}; the product's default here: ${present} workers`,
  ].join('\n');
}
