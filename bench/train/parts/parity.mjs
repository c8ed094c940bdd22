// Are both sides the same network with the same arithmetic? Equal weights, one batch, no crops, no dropout: the losses of
// five steps must agree, and so must the evaluation of the moving average after them.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng } from '../../../dist/core/index.js';
import { buildNetwork, initialWeights } from '../../../dist/network/index.js';
import { parseArchitecture } from '../../../dist/space/index.js';
import { compiled, recipes } from '../lib/recipes.mjs';
import { withSides } from '../lib/sides.mjs';
import { table } from '../../lib/statistics.mjs';

const STEPS = 5;
/**
 * Small: at 0.01 the large network's losses part by rounding alone. PyTorch's own, started one last place apart in each
 * weight, then differ by 4e-3 at the fifth step, at 0.001 by 1e-5.
 */
const RATE = 0.001;
/** Largest relative difference of two losses that passes for rounding. */
export const TOLERANCE = 1e-4;

export function parity({ python, pictures, networks, log }) {
  return withSides({ python, threads: 1, folder: pictures.folder }, async (ours, torch) => {
    const results = {};
    for (const network of networks)
      for (const [name, recipe] of Object.entries(recipes)) {
        const result = await compare(ours, torch, network, recipe, pictures);
        results[`${network.name}, ${name}`] = result;
        if (!(result.largestDifference < TOLERANCE))
          throw new Error(`${network.name}, ${name}: the sides differ\n${JSON.stringify(result, null, 1)}`);
      }
    log(shownParity(results));
    return { tolerance: TOLERANCE, versions: { ours: ours.hello, torch: torch.hello }, results };
  });
}

async function compare(ours, torch, network, recipe, pictures) {
  const weights = join(pictures.folder, 'weights');
  const numbers = writeWeights(network, weights);
  const still = compiled({ ...recipe, dropout: 0, pad: 0, flip: false }, 1000, pictures);
  const message = {
    do: 'fixed',
    rows: Array.from({ length: recipe.batch }, (_, i) => 7 * i),
    rates: Array(STEPS).fill(RATE),
  };
  const spec = { ...network, recipe: still, whole: true, seed: 1, weights, numbers };
  const a = await ours.ask({ ...message, spec: { text: network.text, recipe: still, seed: '1', weights } });
  const results = {};
  const differences = [];
  for (const layout of ['first', 'last']) {
    const b = await torch.ask({ ...message, spec: { ...spec, layout } });
    results[layout] = b;
    differences.push(...a.losses.map((loss, i) => Math.abs(b.losses[i] / loss - 1)));
    differences.push(...b.evaluated.map((loss) => Math.abs(loss / a.evaluated[0] - 1)));
  }
  rmSync(weights);
  return {
    params: network.params,
    ours: a.losses,
    torch: results.last.losses,
    evaluated: {
      ours: a.evaluated[0],
      torch: results.last.evaluated[0],
      torchFolded: results.last.evaluated[1],
    },
    torchLayoutsDiffer: Number(
      Math.max(
        ...results.first.losses.map((loss, i) => Math.abs(loss / results.last.losses[i] - 1)),
      ).toExponential(2),
    ),
    largestDifference: Number(Math.max(...differences).toExponential(2)),
  };
}

function writeWeights({ text }, path) {
  const network = buildNetwork(parseArchitecture(text));
  const weights = initialWeights(network, createRng('parity'));
  const all = Float32Array.from(network.parameters.flatMap(({ name }) => Array.from(weights.get(name))));
  writeFileSync(path, all);
  return all.length;
}

function shownParity(results) {
  const rows = Object.entries(results).map(([name, one]) => [
    name,
    one.params,
    one.ours[0].toFixed(6),
    one.torch[0].toFixed(6),
    one.ours.at(-1).toFixed(6),
    one.torch.at(-1).toFixed(6),
    one.evaluated.ours.toFixed(6),
    one.evaluated.torch.toFixed(6),
    one.largestDifference.toExponential(1),
    one.torchLayoutsDiffer.toExponential(1),
  ]);
  const head = [
    'loss at equal weights',
    'params',
    'ours 1',
    'torch 1',
    `ours ${STEPS}`,
    `torch ${STEPS}`,
    'evaluated',
    'torch',
    'difference',
    'torch to itself',
  ];
  return table([head, ...rows]);
}
