import { createRng, stopwatch } from '../../../core/index.js';
import { buildNetwork, initialWeights } from '../../../network/index.js';
import { formatArchitecture, parseArchitecture, type SearchSpace } from '../../../space/index.js';
import { defaultProtocol } from '../../protocol/protocol.js';
import type { MeasureOptions } from './probe.js';
import { readingOf, sessionsOf, SESSIONS, withReading } from './sessions.js';
import type { MeasuredNetwork } from '../table.js';

export interface BuildProgress {
  /** `device`: boundary overheads and cache pressure. */
  readonly phase: 'device' | 'entries' | 'networks';
  readonly done: number;
  readonly total: number;
  /** null until something is known of the pace. */
  readonly secondsLeft: number | null;
}

export interface NetworkOptions extends MeasureOptions {
  listen?(progress: BuildProgress): void;
  readonly seed?: string;
}

/**
 * Measures whole networks in {@link SESSIONS} sessions each, as a search times its candidates: alone with the reference,
 * and again where the machine was disturbed. The second sessions follow when all have had their first.
 * @param known networks measured before; what they lack is made up for
 * @param keep gets all measured networks, `known` among them, after each session
 * @returns false when it was stopped
 */
export async function measureNetworks(
  texts: readonly string[],
  use: MeasuredNetwork['use'],
  known: readonly MeasuredNetwork[],
  { platform, surroundings, listen, seed = 'table' }: NetworkOptions,
  keep: (networks: readonly MeasuredNetwork[]) => void,
): Promise<boolean> {
  const elapsed = stopwatch();
  const networks = new Map(known.map((network) => [network.text, network]));
  const lacking = (text: string): number => SESSIONS - sessionsOf(readingOf(networks.get(text)));
  const todoAtFirst = texts.reduce((sum, text) => sum + Math.max(0, lacking(text)), 0);
  const report = (done: number) => {
    const secondsLeft = done === 0 ? null : (elapsed() / 1000 / done) * (todoAtFirst - done);
    const left = (todoAtFirst - done) / SESSIONS;
    listen?.({ phase: 'networks', done: Math.floor(texts.length - left), total: texts.length, secondsLeft });
  };
  let done = 0;
  for (let round = 1; round <= SESSIONS; round++) {
    const todo = createRng(`${seed}/${use}/${round}`).shuffle(
      texts.filter((text) => sessionsOf(readingOf(networks.get(text))) < round),
    );
    for (const text of todo) {
      report(done);
      const network = buildNetwork(parseArchitecture(text));
      const runnable = { network, weights: initialWeights(network, createRng(seed)) };
      const protocol = { ...defaultProtocol, seed: `${seed}/${use}/${round}/${text}` };
      const [record] =
        (surroundings.stop() ? null : await platform.time([runnable], protocol, surroundings)) ?? [];
      if (record === undefined) return false;
      const { medianMs, lowMs, highMs, runs } = record;
      const now = { ms: medianMs, lowMs, highMs, runs };
      const { ms, ...joined } = withReading(readingOf(networks.get(text)), now);
      networks.set(text, { text, use, medianMs: ms, ...joined });
      keep([...networks.values()]);
      done++;
    }
  }
  listen?.({ phase: 'networks', done: texts.length, total: texts.length, secondsLeft: 0 });
  return true;
}

/** Distinct random networks of a space, from a separate stream. */
export function sampledTexts(space: SearchSpace, count: number, seed: string): readonly string[] {
  const rng = createRng(seed);
  const texts = new Set<string>();
  for (let tries = 0; texts.size < count && tries < 20 * count; tries++)
    texts.add(formatArchitecture(space.decode(space.sample(rng))));
  return [...texts];
}
