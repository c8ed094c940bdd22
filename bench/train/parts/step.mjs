// Milliseconds of a training step, ours and PyTorch's in turns, at each number of threads.
import { load } from '../../lib/machine.mjs';
import { recipes } from '../lib/recipes.mjs';
import { withSides } from '../lib/sides.mjs';
import { ratioOf, shown, table } from '../../lib/statistics.mjs';
import { disturbance, inTurns, quickest } from '../lib/turns.mjs';
import { closeTrainings, openTrainings, stepTurn } from './opened.mjs';

export async function step({ python, pictures, networks, options, log, progress }) {
  const results = [];
  const versions = {};
  for (const threads of options.threads)
    await withSides({ python, threads, folder: pictures.folder }, async (ours, torch) => {
      Object.assign(versions, { ours: ours.hello, torch: torch.hello });
      for (const network of networks) {
        const kinds = ['whole', 'plain', ...(options.compile ? ['compile'] : [])];
        const recipe = recipes[options.recipe];
        const { contestants, firstMs } = await openTrainings({
          ours,
          torch,
          network,
          recipe,
          pictures,
          kinds,
        });
        const before = load();
        const times = await inTurns(
          contestants.map((one) => ({ ...one, turn: stepTurn(one, options.steps) })),
          options.rounds,
          progress(`step, ${network.name}, ${threads} threads`),
        );
        await closeTrainings(contestants);
        const result = {
          network: network.name,
          threads,
          ...verdict(times),
          times,
          firstMs,
          load: [before, load()],
        };
        results.push(result);
        log(shownStep(result));
      }
    });
  return { recipe: recipes[options.recipe], stepsPerTurn: options.steps, versions, results };
}

/** Ratios ours/PyTorch, below 1 where ours is quicker; PyTorch's best layout by its median. */
function verdict(times) {
  const names = Object.keys(times);
  const ratios = {};
  for (const kind of ['whole', 'plain', 'compile']) {
    const theirs = names.filter((name) => name.startsWith(`torch ${kind}`));
    if (theirs.length === 0) continue;
    const best = quickest(times, theirs);
    ratios[`ours whole / ${best}`] = ratioOf(times['ours whole'].ms.rounds, times[best].ms.rounds);
    if (kind === 'plain')
      ratios[`ours plain / ${best}`] = ratioOf(times['ours plain'].ms.rounds, times[best].ms.rounds);
  }
  return { ratios };
}

function shownStep({ network, threads, times, ratios, firstMs }) {
  const rows = Object.entries(times).map(([name, { ms, leastMs, cpuMs }]) => [
    name,
    shown(ms),
    leastMs.toFixed(1),
    cpuMs.toFixed(1),
    firstMs[name],
  ]);
  const head = [
    `${network}, ${threads} threads`,
    'ms a step (quartiles)',
    'least',
    'processor',
    'first step',
  ];
  return [
    table([head, ...rows]),
    ...Object.entries(ratios).map(([name, ratio]) => `  ${name}: ${shown(ratio, 3)}`),
    ...disturbance(times),
  ].join('\n');
}
