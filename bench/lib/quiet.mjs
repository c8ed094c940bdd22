// Turns during which others worked are taken again; one kept anyway is marked.
import { withOthers } from './others.mjs';

/** A turn during which others used more cores than this is repeated, at most this number of times. */
const QUIET = 0.15;
const REPEATS = 3;

/**
 * Takes a turn, again where others worked at the same time, and returns the quietest one.
 * @param used processor seconds that the work itself has used so far, see `others.mjs`
 * @param options.before done before each turn, outside of it
 * @returns `result` and `others`, the cores that others used meanwhile
 */
export async function quietly(used, turn, { repeats = REPEATS, before = () => undefined } = {}) {
  let best;
  for (let tries = 0; tries <= repeats && (best === undefined || isDisturbed(best.others)); tries++) {
    await before();
    const next = await withOthers(used, turn);
    if (best === undefined || next.others < best.others) best = next;
  }
  return best;
}

/** True for what was taken while others worked. */
export const isDisturbed = (others) => others > QUIET;

/** A line that marks it, or nothing. @param others cores of each turn, or its median per contestant */
export function disturbance(others) {
  const most = Math.max(0, ...others);
  return isDisturbed(most)
    ? [`  DISTURBED: others used up to ${most.toFixed(1)} cores; run it again when they do not`]
    : [];
}
