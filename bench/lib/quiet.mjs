// Turns beside which others worked are taken again; what is taken all the same says so.
import { besides } from './others.mjs';

/** A turn beside which others used more cores than this is repeated, so often at most. */
const QUIET = 0.15;
const REPEATS = 3;

/**
 * Takes a turn, again where others worked beside it, and returns the quietest one.
 * @param used processor seconds that the work itself has used so far, see `others.mjs`
 * @param options.before done before each turn, outside of it
 * @returns `result` and `others`, the cores that others used beside it
 */
export async function quietly(used, turn, { repeats = REPEATS, before = () => undefined } = {}) {
  let best;
  for (let tries = 0; tries <= repeats && (best === undefined || isDisturbed(best.others)); tries++) {
    await before();
    const next = await besides(used, turn);
    if (best === undefined || next.others < best.others) best = next;
  }
  return best;
}

/** True for what was taken while others worked. */
export const isDisturbed = (others) => others > QUIET;

/** A line that says so, or nothing. @param others cores of each turn, or its median per contestant */
export function disturbance(others) {
  const most = Math.max(0, ...others);
  return isDisturbed(most)
    ? [`  DISTURBED: others used up to ${most.toFixed(1)} cores; run it again when they do not`]
    : [];
}
