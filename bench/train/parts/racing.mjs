// Concurrent trainings, ours in the product's pool and PyTorch's in processes, in turns of some seconds.
import { median } from '../../../dist/core/index.js';
import { load } from '../../lib/machine.mjs';
import { compiled } from '../lib/recipes.mjs';
import { ratioOf, shown, summary, table } from '../../lib/statistics.mjs';
import { together } from '../lib/throughput.mjs';
import { disturbance, inTurns, quickest } from '../lib/turns.mjs';

const LAYOUTS = ['first', 'last'];
const RATE = 0.01;
/** Steps of an epoch by the quick recipe; fixes how slow the moving averages are. */
const LENGTH = 843;

/**
 * One network by every pool and every group of processes.
 * @param ours `{ name, pool }` each
 * @param torch `{ name, sides }` each: processes that train at the same time
 * @param kinds `whole`, and `compile` for torch.compile too
 */
export async function race({ network, ours, torch, kinds, recipe, pictures, seconds, rounds, progress }) {
  const compileMs = new Map();
  const latency = await ours[0].pool.latency(network.text);
  const contestants = ours.map(({ name, pool: one }) => ({
    name,
    pids: () => [one.pid],
    async turn() {
      const taken = await one.turn(network, latency, seconds);
      compileMs.set(name, [...(compileMs.get(name) ?? []), ...taken.compileMs]);
      return taken;
    },
  }));
  const failed = {};
  for (const { name, sides } of torch)
    for (const kind of kinds)
      for (const layout of LAYOUTS) {
        const id = `${name}${kind === 'compile' ? ' compiled' : ''}, channels ${layout}`;
        const step = compiled(recipe, LENGTH, pictures);
        const spec = { ...network, recipe: step, whole: true, layout, seed: 1, compile: kind === 'compile' };
        try {
          for (const side of sides) {
            const { firstMs } = await side.ask({ do: 'open', id, spec });
            compileMs.set(id, [...(compileMs.get(id) ?? []), Math.round(firstMs)]);
          }
        } catch (error) {
          if (kind === 'whole') throw error;
          failed[id] = error.message.slice(0, 300);
          continue;
        }
        const pids = () => sides.map(({ pid }) => pid);
        contestants.push({ name: id, pids, turn: () => torchTurn(sides, id, seconds) });
      }
  const before = load();
  const times = await inTurns(contestants, rounds, progress);
  for (const side of torch.flatMap(({ sides }) => sides))
    await side.ask({ do: 'close', ids: contestants.map(({ name }) => name) });
  return { network: network.name, ...rated(times, compileMs), failed, load: [before, load()] };
}

/** All processes train for the given seconds; their clock is the machine's. */
async function torchTurn(sides, id, seconds) {
  const runs = await Promise.all(sides.map((side) => side.ask({ do: 'run', id, seconds, rate: RATE })));
  const counted = together(runs.map(({ ends }) => ends.map(([at, steps]) => ({ at, steps }))));
  return { ms: [(1000 * counted.seconds) / counted.steps] };
}

function rated(times, compileMs) {
  const names = Object.keys(times);
  const bestOf = (side) =>
    quickest(
      times,
      names.filter((name) => name.startsWith(side)),
    );
  const best = { ours: bestOf('ours'), torch: bestOf('torch') };
  return {
    best,
    // Steps per second of ours by PyTorch's: above 1 where ours is quicker.
    ratio: ratioOf(times[best.torch].ms.rounds, times[best.ours].ms.rounds),
    stepsPerSecond: Object.fromEntries(
      names.map((name) => [name, summary(times[name].ms.rounds.map((ms) => 1000 / ms))]),
    ),
    othersCores: Object.fromEntries(names.map((name) => [name, times[name].othersCores])),
    compileAndFirstStepMs: Object.fromEntries([...compileMs].map(([name, all]) => [name, median(all)])),
  };
}

export function shownRace({
  network,
  best,
  ratio,
  stepsPerSecond,
  othersCores,
  compileAndFirstStepMs,
  failed,
}) {
  const rows = Object.entries(stepsPerSecond).map(([name, rate]) => [
    name,
    shown(rate, 2),
    compileAndFirstStepMs[name].toFixed(0),
  ]);
  const head = [network, 'steps a second (quartiles)', 'compile + first step, ms'];
  const others = Object.fromEntries(
    Object.entries(othersCores).map(([name, cores]) => [name, { othersCores: cores }]),
  );
  return [
    table([head, ...rows]),
    `  ${best.ours} / ${best.torch}: ${shown(ratio, 3)}`,
    ...Object.entries(failed).map(([name, why]) => `  ${name} failed: ${why}`),
    ...disturbance(others),
  ].join('\n');
}
