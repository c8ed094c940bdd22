// Milliseconds per 1000 pictures evaluated with the moving average, at the first of the numbers of threads.
import { load } from '../../lib/machine.mjs';
import { recipes } from '../lib/recipes.mjs';
import { withSides } from '../lib/sides.mjs';
import { ratioOf, shown, table } from '../../lib/statistics.mjs';
import { disturbance, inTurns, quickest } from '../lib/turns.mjs';
import { closeTrainings, openTrainings, stepTurn } from './opened.mjs';

const COUNT = 2000;
/** Pictures per call: ours evaluates by the training's batch; PyTorch may take more. */
const BATCHES = [64, 250, 1000];
/** Steps before, so that statistics and weights are no start values. */
const STEPS_BEFORE = 10;

export function evaluate({ python, pictures, networks, options, log, progress }) {
  const [threads] = options.threads;
  return withSides({ python, threads, folder: pictures.folder }, async (ours, torch) => {
    const results = [];
    for (const network of networks) {
      const recipe = recipes[options.recipe];
      const opened = await openTrainings({ ours, torch, network, recipe, pictures, kinds: ['whole'] });
      const contestants = [];
      for (const one of opened.contestants) {
        await stepTurn(one, STEPS_BEFORE)();
        contestants.push(...(await evaluationsOf(one, one.side === ours)));
      }
      const before = load();
      const times = await inTurns(contestants, options.rounds, progress(`evaluate, ${network.name}`));
      await closeTrainings([...opened.contestants, ...contestants.map(({ side, id }) => ({ side, id }))]);
      const best = quickest(
        times,
        Object.keys(times).filter((name) => name.startsWith('torch')),
      );
      const ratio = ratioOf(times.ours.ms.rounds, times[best].ms.rounds);
      results.push({ network: network.name, threads, best, ratio, times, load: [before, load()] });
      log(shownEvaluate(results.at(-1)));
    }
    return { pictures: COUNT, versions: { ours: ours.hello, torch: torch.hello }, results };
  });
}

async function evaluationsOf({ side, id }, isOurs) {
  const made = [];
  const add = async (name, more) => {
    await side.ask({ do: 'prepare', id: name, of: id, count: COUNT, ...more });
    made.push({
      name,
      side,
      id: name,
      pids: () => [side.pid],
      turn: () => side.ask({ do: 'evaluate', id: name }),
    });
  };
  if (isOurs) await add('ours', {});
  else
    for (const fold of [true, false])
      for (const batch of BATCHES)
        await add(`${id.replace(' whole', '')}, ${fold ? 'folded' : 'not folded'}, ${batch} per call`, {
          fold,
          batch,
        });
  return made;
}

function shownEvaluate({ network, threads, best, ratio, times }) {
  const rows = Object.entries(times).map(([name, { ms, leastMs, cpuMs }]) => [
    name,
    shown(ms),
    leastMs.toFixed(1),
    cpuMs.toFixed(1),
  ]);
  const head = [`${network}, ${threads} threads`, 'ms per 1000 (quartiles)', 'least', 'processor'];
  return [table([head, ...rows]), `  ours / ${best}: ${shown(ratio, 3)}`, ...disturbance(times)].join('\n');
}
