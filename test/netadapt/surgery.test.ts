import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../src/core/index.js';
import { DIMENSION_KINDS } from '../../src/netadapt/state-schema.js';
import { dimensionsOf, keyOf, narrowerWidths, withWidth } from '../../src/netadapt/dimensions.js';
import {
  buildNetwork,
  removeBlock,
  shrink,
  type FilterCriterion,
  type Network,
  type Weights,
} from '../../src/network/index.js';
import {
  formatArchitecture,
  parseArchitecture,
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

/** The weights with the ring at zero that a smaller depthwise kernel leaves out. */
function ringless(from: Network, to: Network, weights: Weights): Weights {
  const sides = new Map(to.layers.map(({ name, kernel }) => [name, kernel]));
  const result = new Map([...weights].map(([name, values]) => [name, values.slice()]));
  for (const { name, op, kernel, out } of from.layers) {
    const margin = (kernel - (sides.get(name) ?? kernel)) / 2;
    if (op !== 'dwconv' || margin === 0) continue;
    const inside = (at: number): boolean => at >= margin && at < kernel - margin;
    result.get(`${name}.kernel`)?.forEach((_, i, values) => {
      const position = Math.floor(i / out[2]);
      if (!inside(Math.floor(position / kernel)) || !inside(position % kernel)) values[i] = 0;
    });
  }
  return result;
}

/** The weights with the result of a block at zero, so that its input passes unchanged. */
function branchless(from: Network, block: number, weights: Weights): Weights {
  const last = from.layers.findLast((layer) => layer.block === block && layer.op === 'conv')!;
  const zero = ['kernel', 'scale', 'offset'].map((role) => `${last.name}.${role}`);
  return new Map(
    [...weights].map(([name, values]) => [name, zero.includes(name) ? values.map(() => 0) : values]),
  );
}

/** Checks dimensions that are no widths; the number of those that there were. */
function checkShape(architecture: Architecture, rng: Rng): number {
  const dimensions = dimensionsOf(architecture, ['kernel', 'depth']);
  const from = buildNetwork(architecture);
  const { weights } = trained(architecture);
  const input = picture(from);
  const text = formatArchitecture(architecture);
  for (const dimension of rng.shuffle(dimensions).slice(0, 3)) {
    const smaller = narrowerWidths(architecture, dimension, 8).at(-1)!;
    const to = buildNetwork(withWidth(architecture, dimension, smaller));
    const [block = -1] = dimension.blocks;
    const silent =
      dimension.kind === 'depth' ? branchless(from, block, weights) : ringless(from, to, weights);
    const start =
      dimension.kind === 'depth' ? removeBlock(text, silent, block) : { network: from, weights: silent };
    const cut = shrink({ from: start.network, to, weights: start.weights, rng });
    const error = relativeError(forward(to, cut, input), forward(from, silent, input));
    expect(error, `${keyOf(dimension)} of ${text}`).toBeLessThan(1e-5);
  }
  return dimensions.length;
}

const WIDTHS = DIMENSION_KINDS.filter((kind) => kind !== 'kernel' && kind !== 'depth');

function check(architecture: Architecture, criterion: FilterCriterion, rng: Rng): void {
  const dimensions = rng.shuffle(dimensionsOf(architecture, WIDTHS)).slice(0, 3);
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

describe('a smaller kernel whose ring was zero, or a block left out whose branch was, leaves the outputs as they are', () => {
  it.each(spaceNames)('in random networks of %s', (name) => {
    const space = searchSpace(name, task);
    const rng = createRng(`${name} shape`);
    let met = 0;
    for (let i = 0; i < 4; i++) met += checkShape(narrowed(space.decode(space.sample(rng))), rng);
    expect(met).toBeGreaterThan(4);
  });

  it.each(presetNames)('in %s', (name) => {
    checkShape(narrowed(presetArchitecture(name, task)), createRng(name));
  });

  it('at each size of picture, stride, kernel and padding', () => {
    for (const side of [1, 2, 3, 4, 5, 7, 8])
      for (const padding of ['', '_sym'])
        for (const block of ['ds_k5_s2_c6_re', 'ds_k7_s2_c6_re', 'ir_k5_s2_e8_c6_re', 'ui_a5_k5_s2_e8_c6_re'])
          checkShape(
            parseArchitecture(`nas1:${side}x${side + 1}x3${padding} cn_k3_s1_c4_re ${block} gap fc_c3_id`),
            createRng(block),
          );
  });
});
