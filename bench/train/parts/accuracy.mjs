// Whole trainings on Fashion-MNIST by the product's quick recipe: test accuracy of the moving average, both sides, several
// seeds. Each finished training is a line in .scratch/accuracy.jsonl; run again, it resumes from there.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digest, mean, standardDeviation } from '../../../dist/core/index.js';
import { compiled, recipes, wholeTraining } from '../lib/recipes.mjs';
import { withSides } from '../lib/sides.mjs';
import { table } from '../../lib/statistics.mjs';

const SCRATCH = fileURLToPath(new URL('../.scratch/accuracy.jsonl', import.meta.url));

export async function accuracy({ python, pictures, networks, options, log }) {
  if (!pictures.real) throw new Error('accuracy needs Fashion-MNIST. fix: npx nas data get fashion-mnist');
  const recipe = recipes.quick;
  const training = wholeTraining(pictures.count, options.epochs);
  const settings = digest({ recipe, ...training.plan }).slice(0, 12);
  const known = finished();
  const [threads] = options.threads;
  return withSides({ python, threads, folder: pictures.folder }, async (ours, torch) => {
    const sides = { ours, torch };
    const runs = [];
    for (const seed of options.seeds)
      for (const network of networks)
        for (const side of Object.keys(sides)) {
          const key = { side, network: network.name, seed, settings };
          const run = known.get(keyOf(key)) ?? (await train(sides[side], side, network, seed));
          if (!known.has(keyOf(key))) keep({ ...key, ...run });
          runs.push({ ...key, ...run });
          log(
            `${network.name}, seed ${seed}, ${side}: ${percent(run.accuracy)} in ${run.seconds.toFixed(0)} s`,
          );
        }
    const results = networks.map((network) => ({ network: network.name, ...summed(runs, network.name) }));
    log(shownAccuracy(results));
    return {
      recipe,
      ...training.plan,
      steps: training.rates.length,
      seeds: options.seeds,
      threads,
      versions: { ours: ours.hello, torch: torch.hello },
      results,
    };
  });

  async function train(side, name, network, seed) {
    const step = compiled(recipe, training.rates.length, pictures);
    const spec =
      name === 'ours'
        ? { text: network.text, seed: `bench/${seed}` }
        : { ...network, recipe: step, whole: true, layout: 'last', seed: Number(seed) };
    const more = name === 'ours' ? { recipe, plan: training.plan } : { rates: training.rates };
    const { accuracy: reached, loss, seconds } = await side.ask({ do: 'train', spec, ...more });
    return { accuracy: reached, loss, seconds: Number(seconds.toFixed(1)) };
  }
}

const keyOf = ({ side, network, seed, settings }) => [side, network, seed, settings].join(' ');

const percent = (share) => (share === null ? 'diverged' : `${(100 * share).toFixed(2)} %`);

function finished() {
  if (!existsSync(SCRATCH)) return new Map();
  const lines = readFileSync(SCRATCH, 'utf8').split('\n');
  const runs = lines.flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return []; // a line that was cut off
    }
  });
  return new Map(
    runs.map((run) => [keyOf(run), { accuracy: run.accuracy, loss: run.loss, seconds: run.seconds }]),
  );
}

function keep(run) {
  mkdirSync(dirname(SCRATCH), { recursive: true });
  appendFileSync(SCRATCH, `${JSON.stringify(run)}\n`);
}

/** Mean and standard deviation over seeds of each side, and the difference of the means with its standard error. */
function summed(runs, network) {
  const of = (side) => {
    const own = runs.filter((run) => run.side === side && run.network === network);
    const all = own.map((run) => run.accuracy ?? 0);
    return {
      mean: Number(mean(all).toFixed(5)),
      deviation: Number(standardDeviation(all).toFixed(5)),
      accuracies: all,
      seconds: own.map((run) => run.seconds),
    };
  };
  const [ours, torch] = [of('ours'), of('torch')];
  const error = Math.hypot(ours.deviation, torch.deviation) / Math.sqrt(ours.accuracies.length);
  return {
    ours,
    torch,
    difference: Number((ours.mean - torch.mean).toFixed(5)),
    standardError: Number(error.toFixed(5)),
  };
}

function shownAccuracy(results) {
  const points = (share) => (100 * share).toFixed(2);
  const rows = results.map(({ network, ours, torch, difference, standardError }) => [
    network,
    `${points(ours.mean)} ± ${points(ours.deviation)}`,
    `${points(torch.mean)} ± ${points(torch.deviation)}`,
    `${points(difference)} ± ${points(standardError)}`,
    mean(ours.seconds).toFixed(0),
    mean(torch.seconds).toFixed(0),
  ]);
  const head = ['test accuracy, %', 'ours', 'torch', 'ours − torch', 'ours s', 'torch s'];
  return table([head, ...rows]);
}
