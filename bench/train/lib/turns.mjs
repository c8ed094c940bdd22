// Contestants in turns: A B C A B C …, so that a drift of the machine affects all equally.
import { setTimeout as sleep } from 'node:timers/promises';
import { createRng, median } from '../../../dist/core/index.js';
import { usedBy } from '../../lib/others.mjs';
import { disturbance as disturbed, quietly } from '../../lib/quiet.mjs';
import { summary } from '../../lib/statistics.mjs';

/** Threads of the side whose turn is over spin a moment before they sleep. */
const REST_MS = 30;

/**
 * @param contestants each `{ name, pids, turn }`; `turn()` resolves to `{ ms: number[], cpuMs? }`, run by the processes `pids()`
 * @returns per contestant the medians of its turns, wall and processor time, and the cores others used meanwhile
 */
export async function inTurns(contestants, rounds, progress = () => undefined) {
  const taken = new Map(
    contestants.map(({ name }) => [name, { ms: [], cpuMs: [], others: [], least: Infinity }]),
  );
  const rng = createRng('turns');
  // One round is not counted: caches, allocators and spinning threads get into their ways.
  for (let round = -1; round < rounds; round++) {
    progress(round + 1, rounds);
    for (const contestant of rng.shuffle(contestants)) {
      const { result, others } = await quietTurn(contestant, round < 0);
      if (round < 0) continue;
      const one = taken.get(contestant.name);
      one.ms.push(median(result.ms));
      if (result.cpuMs !== undefined) one.cpuMs.push(result.cpuMs);
      one.others.push(others);
      one.least = Math.min(one.least, ...result.ms);
    }
  }
  return Object.fromEntries(
    [...taken].map(([name, { ms, cpuMs, others, least }]) => [
      name,
      {
        ms: summary(ms),
        leastMs: Number(least.toFixed(2)),
        ...(cpuMs.length > 0 ? { cpuMs: Number(median(cpuMs).toFixed(2)) } : {}),
        othersCores: Number(median(others).toFixed(2)),
      },
    ]),
  );
}

function quietTurn({ pids, turn }, once) {
  return quietly(usedBy(pids()), turn, { before: () => sleep(REST_MS), ...(once ? { repeats: 0 } : {}) });
}

/** A warning for a table when others worked at the same time, or an empty list. */
export function disturbance(times) {
  return disturbed(Object.values(times).map(({ othersCores }) => othersCores));
}

/** The name of the quickest by its median. */
export function quickest(results, names) {
  return names.reduce((best, name) => (results[name].ms.median < results[best].ms.median ? name : best));
}
