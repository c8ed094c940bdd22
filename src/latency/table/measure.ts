import { createRng, stopwatch } from '../../core/index.js';
import { buildNetwork, initialWeights } from '../../network/index.js';
import { formatArchitecture, parseArchitecture, type SearchSpace } from '../../space/index.js';
import type { Platform, Surroundings } from '../platform.js';
import { defaultProtocol } from '../protocol.js';
import type { MeasuredNetwork } from './table.js';

export interface BuildProgress {
  readonly phase: 'entries' | 'networks';
  readonly done: number;
  readonly total: number;
  /** null until something is known of the pace. */
  readonly secondsLeft: number | null;
}

/** Networks per session. */
const NETWORKS_AT_ONCE = 5;
export interface MeasureOptions {
  readonly platform: Platform;
  readonly surroundings: Surroundings;
  listen?(progress: BuildProgress): void;
  readonly seed?: string;
}

/** Measures whole networks, a few per session. @returns false when it was stopped */
export async function measureNetworks(
  texts: readonly string[],
  use: MeasuredNetwork['use'],
  { platform, surroundings, listen, seed = 'table' }: MeasureOptions,
  keep: (measured: readonly MeasuredNetwork[]) => void,
): Promise<boolean> {
  const elapsed = stopwatch();
  for (let at = 0; at < texts.length; at += NETWORKS_AT_ONCE) {
    const secondsLeft = at === 0 ? null : (elapsed() / 1000 / at) * (texts.length - at);
    listen?.({ phase: 'networks', done: at, total: texts.length, secondsLeft });
    const part = texts.slice(at, at + NETWORKS_AT_ONCE);
    const runnables = part.map((text) => {
      const network = buildNetwork(parseArchitecture(text));
      return { network, weights: initialWeights(network, createRng(seed)) };
    });
    const protocol = { ...defaultProtocol, seed: `${seed}/${use}/${at}` };
    const records = surroundings.stop() ? null : await platform.time(runnables, protocol, surroundings);
    if (records === null) return false;
    keep(
      records.map(({ medianMs, lowMs, highMs, runs }, i) => ({
        text: part[i] as string,
        use,
        medianMs,
        lowMs,
        highMs,
        runs,
      })),
    );
  }
  listen?.({ phase: 'networks', done: texts.length, total: texts.length, secondsLeft: 0 });
  return true;
}

/** Distinct random networks of a space, by a stream of their own. */
export function sampledTexts(space: SearchSpace, count: number, seed: string): readonly string[] {
  const rng = createRng(seed);
  const texts = new Set<string>();
  for (let tries = 0; texts.size < count && tries < 20 * count; tries++)
    texts.add(formatArchitecture(space.decode(space.sample(rng))));
  return [...texts];
}
