import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../src/core/index.js';
import { DIMENSION_KINDS } from '../../src/netadapt/state-schema.js';
import { dimensionsOf, keyOf, narrowerWidths, withWidth } from '../../src/netadapt/dimensions.js';
import { buildNetwork, shrink, type FilterCriterion, type Network } from '../../src/network/index.js';
import {
  formatArchitecture,
  presetArchitecture,
  presetNames,
  searchSpace,
  spaceNames,
  type Architecture,
} from '../../src/space/index.js';
import { FILTER_CRITERIA } from '../../src/trials/index.js';
import { forward } from '../network/forward.js';
import { picture, relativeError, trained, withWidths } from '../network/samples.js';

const task = { input: [12, 11, 3], classes: 5 } as const;

/** A quarter of every width: as much to cut, quickly computed. */
const narrowed = (architecture: Architecture): Architecture =>
  withWidths(architecture, (old) => Math.ceil(old / 4));

/** As many channels as are cut; the last ones where a padded skip is added onto the first. */
function cutChannels(from: number, to: number, padded: boolean, rng: Rng): ReadonlySet<number> {
  const channels = Array.from({ length: from }, (_, c) => c).reverse();
  return new Set((padded ? channels : rng.shuffle(channels)).slice(0, from - to));
}

/** The weights with everything of the channels to be cut at zero, in every layer that carries them. */
function silenced(from: Network, to: Network, weights: ReadonlyMap<string, Float32Array>, rng: Rng) {
  const padded = from.layers.some(({ op }) => op === 'pad');
  // Layers that share channels are cut together, and by width they are known.
  const cuts = new Map<string, ReadonlySet<number>>();
  const result = new Map([...weights].map(([name, values]) => [name, values.slice()]));
  const widths = new Map(to.layers.map(({ name, out }) => [name, out[2]]));
  for (const layer of from.layers) {
    const before = layer.out[2];
    // A padded skip needs no padding where the widths agree now.
    const after = widths.get(layer.name) ?? before;
    if (before === after) continue;
    const key = `${before}/${after}`;
    const cut = cuts.get(key) ?? cutChannels(before, after, padded, rng.fork(key));
    cuts.set(key, cut);
    for (const role of ['kernel', 'scale', 'offset', 'bias']) {
      const values = result.get(`${layer.name}.${role}`);
      values?.forEach((_, i) => cut.has(i % before) && (values[i] = 0));
    }
  }
  return result;
}

function check(architecture: Architecture, criterion: FilterCriterion, rng: Rng): void {
  const dimensions = rng.shuffle(dimensionsOf(architecture, DIMENSION_KINDS)).slice(0, 3);
  for (const dimension of dimensions) {
    const widths = narrowerWidths(architecture, dimension, 1);
    if (widths.length === 0) continue;
    const narrow = withWidth(architecture, dimension, widths[rng.integer(widths.length)]!);
    const [from, to] = [buildNetwork(architecture), buildNetwork(narrow)];
    const weights = silenced(from, to, trained(architecture).weights, rng);
    const cut = shrink({ from, to, weights, rng, criterion });
    const input = picture(from);
    const error = relativeError(forward(to, cut, input), forward(from, weights, input));
    expect(error, `${keyOf(dimension)} of ${formatArchitecture(architecture)}`).toBeLessThan(1e-5);
  }
}

describe('cutting filters that are zero leaves the outputs as they are', () => {
  const cases = spaceNames.flatMap((name) => FILTER_CRITERIA.map((criterion) => [name, criterion] as const));
  it.each(cases)('in random networks of %s, by %s', (name, criterion) => {
    const space = searchSpace(name, task);
    const rng = createRng(`${name} ${criterion}`);
    for (let i = 0; i < 2; i++) check(narrowed(space.decode(space.sample(rng))), criterion, rng);
  });

  it.each(presetNames)('in %s', (name) => {
    check(narrowed(presetArchitecture(name, task)), 'l2', createRng(name));
  });
});
