import type { Layer, Shape } from '../../../space/index.js';
import { knownSegment, layersOfSegment, type Step } from '../key.js';
import { repeatedRunnable } from '../network.js';
import { timeTwice, type MeasureOptions } from './probe.js';
import type { Reading } from './sessions.js';
import type { LatencyTable } from '../table.js';

/**
 * What a number of weights in one network costs more than in segments timed alone, over and over, with all of theirs in
 * the nearest cache. Beyond its size each run reads them from farther away: on a processor with 2 MiB of it, 8 MB of
 * weights cost 0.25 ms more, a quarter of such a network. By kind of layer, since some read ahead better than others.
 */
export type CachePressure = NonNullable<LatencyTable['cachePressure']>;
type Kind = keyof CachePressure;
type Curve = CachePressure[Kind];

const KINDS = ['pointwise', 'convolution', 'dense'] as const satisfies readonly Kind[];
/** Layers of each chain; a layer has 147 KB of weights, the longest chain 8.3 MB. */
const LENGTHS = [1, 2, 4, 8, 12, 20, 32, 56];
/** The first chains, whose weights stay in a cache: they give a layer's time. */
const HOT = 3;
const PARAMS = 36_864;
/** Pixels of the largest map that is timed: on larger ones, arithmetic hides what weights cost. */
const MOST_PIXELS = 64;

const CHANNELS: Readonly<Record<Kind, number>> = { pointwise: 192, convolution: 64, dense: 192 };
const stepOf = (kind: Kind): Step => {
  const channels = CHANNELS[kind];
  if (kind === 'dense') return { op: 'dense', channels, activation: 're' };
  return { op: 'conv', kernel: kind === 'pointwise' ? 1 : 3, stride: 1, channels, activation: 're' };
};

/**
 * Times chains of equal layers, each longer than the one before, on maps of the size at which the space has most weights,
 * small ones only. A layer more takes the same until the weights outgrow the cache; what a chain takes beyond that is the
 * cost of its weights. Where it is no more than the noise of a layer's time, times the layers, it counts as less, down to nothing.
 * @returns null when it was stopped
 */
export async function measureCachePressure(
  keys: readonly string[],
  seed: string,
  options: MeasureOptions,
): Promise<CachePressure | null> {
  const curves: Partial<Record<Kind, Curve>> = {};
  for (const kind of KINDS) {
    const [height, width] = mapOf(kind, keys);
    const input: Shape = [height, width, CHANNELS[kind]];
    const chains = LENGTHS.map((length) => repeatedRunnable(input, stepOf(kind), length));
    const times = await timeTwice(chains, `${seed}/cache-pressure/${kind}`, options);
    if (times === null) return null;
    curves[kind] = curveOf(times);
  }
  return curves as CachePressure;
}

function curveOf(times: readonly Reading[]): Curve {
  const at = (i: number): number => times[i]?.ms ?? 0;
  const halfWidth = (i: number): number => ((times[i]?.highMs ?? 0) - (times[i]?.lowMs ?? 0)) / 2;
  const more = (i: number): number => (LENGTHS[i] ?? 1) - 1;
  const slopes = Array.from({ length: HOT - 1 }, (_, i) => Math.max(0, at(i + 1) - at(0)) / more(i + 1));
  const slope = Math.min(...slopes);
  const unsure = Math.hypot(halfWidth(0), halfWidth(HOT - 1)) / more(HOT - 1);
  let least = 0;
  return LENGTHS.map((length, i) => {
    const beyond = at(i) - at(0) - slope * more(i);
    const noise = unsure * more(i);
    least = Math.max(least, beyond > noise ? beyond * (1 - (noise / beyond) ** 2) : 0);
    return { params: length * PARAMS, ms: least };
  });
}

/** Height and width of the maps on which the segments have most weights of a kind. */
function mapOf(kind: Kind, keys: readonly string[]): readonly [number, number] {
  const weights = new Map<string, { readonly map: readonly [number, number]; readonly params: number }>();
  for (const layer of keys.flatMap(layersOfKey)) {
    const [height, width] = layer.out;
    if (kindOf(layer) !== kind || height * width > MOST_PIXELS) continue;
    const name = `${height}x${width}`;
    const params = (weights.get(name)?.params ?? 0) + layer.params;
    weights.set(name, { map: [height, width], params });
  }
  const [most] = [...weights.values()].sort((a, b) => b.params - a.params);
  return most?.map ?? (kind === 'dense' ? [1, 1] : [4, 4]);
}

/**
 * ms that a network's weights cost beyond what its segments say.
 * @param segments keys of its segments: what their own weights cost alone is in their lines
 */
export function pressuredMs(
  cachePressure: CachePressure,
  layers: readonly Layer[],
  segments: readonly string[],
): number {
  const alone = segments.reduce((sum, key) => sum + togetherMs(cachePressure, layersOfKey(key)), 0);
  return Math.max(0, togetherMs(cachePressure, layers) - alone);
}

/** Whether any weights cost more together, as far as was timed. */
export function isPressured(cachePressure: CachePressure): boolean {
  return KINDS.some((kind) => cachePressure[kind].some(({ ms }) => ms > 0));
}

/** Each kind's weights at what they cost among that number of all kinds. */
function togetherMs(cachePressure: CachePressure, layers: readonly Layer[]): number {
  const all = layers.reduce((sum, { params }) => sum + params, 0);
  return layers.reduce((sum, layer) => {
    const kind = kindOf(layer);
    return kind === null ? sum : sum + (layer.params / all) * at(cachePressure[kind], all);
  }, 0);
}

/** null: no weights to speak of. */
function kindOf({ op, kernel }: Layer): Kind | null {
  if (op === 'conv') return kernel === 1 ? 'pointwise' : 'convolution';
  return op === 'dense' ? 'dense' : null;
}

/** Along straight lines between what was timed, from nothing on, and on along the last. */
function at(curve: Curve, params: number): number {
  let before = { params: 0, ms: 0 };
  let [from, to] = [before, before];
  for (const point of curve) {
    [from, to] = [before, point];
    if (params <= point.params) break;
    before = point;
  }
  if (to.params === from.params) return 0;
  return from.ms + ((to.ms - from.ms) * (params - from.params)) / (to.params - from.params);
}

function layersOfKey(key: string): readonly Layer[] {
  return layersOfSegment(knownSegment(key));
}
