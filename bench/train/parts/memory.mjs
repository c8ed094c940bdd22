// Memory of a process that trains: idle with the pictures loaded, at most while it trains, and after training one network
// after another, as a search does.
import { compiled, recipes } from '../lib/recipes.mjs';
import { withSides } from '../lib/sides.mjs';
import { table } from '../../lib/statistics.mjs';

const STEPS = 20;
/** Networks trained one after another in one process; growth is counted from the fourth on. */
const NETWORKS = 12;
const SETTLED = 4;

export async function memory({ python, pictures, networks, options, log }) {
  const results = [];
  const versions = {};
  const [threads] = options.threads;
  for (const network of networks)
    await withSides({ python, threads, folder: pictures.folder }, async (ours, torch) => {
      Object.assign(versions, { ours: ours.hello, torch: torch.hello });
      const recipe = compiled(recipes[options.recipe], 5000, pictures);
      const result = {
        network: network.name,
        threads,
        ours: await taken(ours, { text: network.text, recipe, seed: 'bench' }),
        torch: await taken(torch, { ...network, recipe, whole: true, layout: 'last', seed: 1 }),
      };
      results.push(result);
      log(shownMemory(result));
    });
  return { recipe: recipes[options.recipe], stepsEach: STEPS, networksEach: NETWORKS, versions, results };
}

async function taken(side, spec) {
  const memoryNow = () => side.ask({ do: 'memory' });
  const idle = (await memoryNow()).rssMiB;
  const after = [];
  let peak = 0;
  for (let i = 0; i < NETWORKS; i++) {
    await side.ask({ do: 'open', id: 'one', spec });
    await side.ask({ do: 'steps', id: 'one', count: STEPS, rate: 0.01 });
    await side.ask({ do: 'close', ids: ['one'] });
    const now = await memoryNow();
    if (i === 0) peak = now.peakMiB;
    after.push(Math.round(now.rssMiB));
  }
  const growth = (after.at(-1) - after[SETTLED - 1]) / (NETWORKS - SETTLED);
  return {
    idleMiB: Math.round(idle),
    peakFirstMiB: Math.round(peak),
    peakMiB: Math.round((await memoryNow()).peakMiB),
    afterEachMiB: after,
    growthMiBPerNetwork: Number(growth.toFixed(1)),
  };
}

function shownMemory({ network, threads, ours, torch }) {
  const row = (name, one) => [
    name,
    one.idleMiB,
    one.peakFirstMiB,
    one.peakMiB,
    one.growthMiBPerNetwork.toFixed(1),
  ];
  const head = [`${network}, ${threads} threads, MiB`, 'idle', 'peak', `peak of ${NETWORKS}`, 'growth each'];
  return table([head, row('ours', ours), row('torch, channels last', torch)]);
}
