import { assertNever } from '../core/index.js';
import type { Layer } from '../space/index.js';
import type { Network } from './network.js';

/** Channels that live on: position in the new network → channel in the old one, −1 for a new channel. */
export type Kept = readonly number[];

/** Layers whose output channels are the same channels: what a depthwise convolution passes on, what is summed. */
interface Group {
  readonly from: number;
  readonly to: number;
  /** Layers that make these channels; the importance of their filters decides. */
  readonly producers: string[];
  /** A layer of another, narrower group whose channels a padded skip adds onto the first of these. */
  readonly padded: string | undefined;
}

/** What holds between a residual block's result and what its skip adds. */
type Sum = 'same' | 'padded' | 'none';

/**
 * ChooseWhichFilters (NetAdapt §3.3): per width group the filters of largest importance, in their old order; by layer
 * name, `input` included. `importance`: one number per output channel of a layer. All members of a residual sum keep the same channels, chosen by the sum of their
 * importances; a depthwise convolution and squeeze-and-excite follow the layer whose result they work on. Where a skip is
 * padded with zero channels, the wide side begins with the channels kept on the narrow side, which are added onto it.
 */
export function keptChannels(
  from: Network,
  to: Network,
  importance: (layer: string) => Float64Array,
): ReadonlyMap<string, Kept> {
  const { rootOf, groups } = groupsOf(from, to);
  const kept = new Map<string, Kept>();
  for (const [root, group] of groups) {
    const prefix = group.padded === undefined ? [] : (kept.get(rootOf(group.padded)) ?? []);
    kept.set(root, choose(group, prefix, importance));
  }
  const names = ['input', ...to.layers.map(({ name }) => name)];
  return new Map(names.map((name) => [name, kept.get(rootOf(name)) ?? []]));
}

function choose(
  { from, to, producers }: Group,
  prefix: Kept,
  importance: (layer: string) => Float64Array,
): Kept {
  const energy = new Float64Array(from);
  for (const producer of producers) {
    for (const [c, value] of importance(producer).entries()) energy[c] = (energy[c] as number) + value;
  }
  const taken = new Set(prefix);
  const free = [...energy.keys()].filter((channel) => !taken.has(channel));
  free.sort((a, b) => (energy[b] as number) - (energy[a] as number) || a - b);
  const chosen = free.slice(0, to - prefix.length).sort((a, b) => a - b);
  const fresh = Array.from({ length: to - prefix.length - chosen.length }, () => -1);
  return [...prefix, ...chosen, ...fresh];
}

/** Groups in the order of their first layers, by the name of that layer. */
function groupsOf(from: Network, to: Network) {
  const rootOf = joined(from, to);
  const before = byName(from);
  const after = byName(to);
  const gates = new Set(to.layers.filter(({ op }) => op === 'scale').map((layer) => layer.from[1]));
  const groups = new Map<string, Group>();
  const input = { from: from.input[2], to: to.input[2], producers: [], padded: undefined };
  groups.set('input', input);
  for (const layer of to.layers) {
    if (layer.op !== 'conv' && layer.op !== 'dense') continue;
    if (gates.has(layer.name)) continue;
    const root = rootOf(layer.name);
    const group = groups.get(root) ?? {
      from: (before.get(layer.name) ?? layer).out[2],
      to: layer.out[2],
      producers: [],
      padded: paddedSource(layer, before, after),
    };
    group.producers.push(layer.name);
    groups.set(root, group);
  }
  return { rootOf, groups };
}

/** Joins layers that carry the same channels in both networks. */
function joined(from: Network, to: Network): (name: string) => string {
  const before = byName(from);
  const after = byName(to);
  const parent = new Map<string, string>();
  const rootOf = (name: string): string => {
    const next = parent.get(name);
    return next === undefined ? name : rootOf(next);
  };
  // The earlier layer becomes the root, so that a group is named after its first layer.
  const join = (name: string, earlier: string | undefined): void => {
    if (earlier !== undefined && rootOf(name) !== rootOf(earlier)) parent.set(rootOf(name), rootOf(earlier));
  };
  for (const layer of to.layers) {
    switch (layer.op) {
      case 'dwconv':
      case 'gap':
      case 'avgpool':
        join(layer.name, layer.from[0]);
        break;
      case 'scale':
        join(layer.name, layer.from[0]);
        if (layer.from[1] !== undefined) join(layer.from[1], layer.from[0]);
        break;
      case 'add': {
        const { result, skipped } = sides(layer, after);
        if (sumOf(layer, before, after) === 'same') join(result, skipped);
        join(layer.name, result);
        break;
      }
      case 'conv':
      case 'dense':
      case 'pad':
        break;
      default:
        assertNever(layer.op);
    }
  }
  return rootOf;
}

/** The padded skip that is added onto this layer's result, if there is one in both networks. */
function paddedSource(layer: Layer, before: Layers, after: Layers): string | undefined {
  for (const add of after.values()) {
    if (add.op !== 'add' || !add.from.includes(layer.name)) continue;
    const { result, skipped } = sides(add, after);
    if (result === layer.name && sumOf(add, before, after) === 'padded') return skipped;
  }
  return undefined;
}

function sumOf(add: Layer, before: Layers, after: Layers): Sum {
  const old = before.get(add.name);
  if (old?.op !== 'add') return 'none';
  const equal = [widths(old, before), widths(add, after)].every(({ result, skipped }) => result === skipped);
  return equal ? 'same' : 'padded';
}

function widths(add: Layer, layers: Layers) {
  return { result: add.out[2], skipped: layers.get(sides(add, layers).skipped)?.out[2] };
}

/** The block's own result, and the layer its skip begins at, looked up through pooling and padding. */
function sides(add: Layer, layers: Layers): { readonly result: string; readonly skipped: string } {
  const [a = '', b = ''] = add.from;
  const own = (name: string) => layers.get(name)?.op === 'conv' && layers.get(name)?.block === add.block;
  const [result, skip] = own(a) ? [a, b] : [b, a];
  let skipped = skip;
  for (;;) {
    const layer = layers.get(skipped);
    if (layer?.op !== 'avgpool' && layer?.op !== 'pad') return { result, skipped };
    skipped = layer.from[0] ?? 'input';
  }
}

type Layers = ReadonlyMap<string, Layer>;

function byName(network: Network): Layers {
  return new Map(network.layers.map((layer) => [layer.name, layer]));
}
