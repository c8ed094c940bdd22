// Contestants in turns: A B C A B C …, so that a drift of the machine meets all alike.
import { setTimeout as sleep } from 'node:timers/promises';
import { createRng, median } from '../../../dist/core/index.js';
import { summary } from './statistics.mjs';

/** Threads of the side whose turn is over spin a moment before they sleep. */
const REST_MS = 30;

/**
 * @param contestants each `{ name, turn }`; `turn()` resolves to `{ ms: number[], cpuMs }`
 * @returns per contestant the medians of its turns, wall and processor time
 */
export async function inTurns(contestants, rounds, progress = () => undefined) {
  const taken = new Map(contestants.map(({ name }) => [name, { ms: [], cpuMs: [], least: Infinity }]));
  const rng = createRng('turns');
  // One round is not counted: caches, allocators and spinning threads get into their ways.
  for (let round = -1; round < rounds; round++) {
    progress(round + 1, rounds);
    for (const { name, turn } of rng.shuffle(contestants)) {
      await sleep(REST_MS);
      const { ms, cpuMs } = await turn();
      if (round < 0) continue;
      const one = taken.get(name);
      one.ms.push(median(ms));
      one.cpuMs.push(cpuMs);
      one.least = Math.min(one.least, ...ms);
    }
  }
  return Object.fromEntries(
    [...taken].map(([name, { ms, cpuMs, least }]) => [
      name,
      { ms: summary(ms), leastMs: Number(least.toFixed(2)), cpuMs: Number(median(cpuMs).toFixed(2)) },
    ]),
  );
}

/** The name of the quickest by its median. */
export function quickest(results, names) {
  return names.reduce((best, name) => (results[name].ms.median < results[best].ms.median ? name : best));
}
