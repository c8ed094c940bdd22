// Milliseconds of our training step when the same cores are divided otherwise: threads inside an operation × operations
// concurrent. What the product's own division (backends/tensorflow/environment.ts) rests on.
import { ratioOf, shown, table } from '../../lib/statistics.mjs';
import { compiled, recipes } from '../lib/recipes.mjs';
import { startOurs } from '../lib/sides.mjs';
import { disturbance, inTurns } from '../lib/turns.mjs';

/** Threads inside an operation, concurrent operations; the first is what the others are held against. */
const DIVISIONS = [
  [1, 2],
  [2, 2],
  [2, 1],
  [1, 3],
  [1, 1],
];

export async function threads({ pictures, networks, options, log, progress }) {
  const sides = [];
  const results = [];
  try {
    for (const division of DIVISIONS)
      sides.push({ name: division.join('×'), side: await startOurs({ division, folder: pictures.folder }) });
    for (const network of networks) {
      const recipe = compiled(recipes[options.recipe], 5000, pictures);
      const contestants = [];
      for (const { name, side } of sides) {
        await side.ask({ do: 'open', id: name, spec: { text: network.text, recipe, seed: 'bench' } });
        const turn = () => side.ask({ do: 'steps', id: name, count: options.steps, rate: 0.01 });
        contestants.push({ name, pids: () => [side.pid], turn });
      }
      const times = await inTurns(contestants, options.rounds, progress(`threads, ${network.name}`));
      for (const { name, side } of sides) await side.ask({ do: 'close', ids: [name] });
      const first = times[sides[0].name].ms.rounds;
      const ratios = Object.fromEntries(
        sides.map(({ name }) => [name, ratioOf(times[name].ms.rounds, first)]),
      );
      results.push({ network: network.name, times, ratios });
      log(shownDivisions(results.at(-1)));
    }
  } finally {
    await Promise.all(sides.map(({ side }) => side.close()));
  }
  return { recipe: recipes[options.recipe], versions: { ours: sides[0].side.hello }, results };
}

function shownDivisions({ network, times, ratios }) {
  const rows = Object.entries(times).map(([name, { ms, cpuMs }]) => [
    name,
    shown(ms),
    cpuMs.toFixed(1),
    shown(ratios[name], 3),
  ]);
  const head = [`${network}, inside × concurrent`, 'ms a step (quartiles)', 'processor', 'ratio'];
  return [table([head, ...rows]), ...disturbance(times)].join('\n');
}
