// All widths by one solve, as HALP (Shen et al. 2022) has it: least importance lost for the latency that must be saved, by one solve.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SETTINGS, dimensionsOf, narrowerWidths, withWidth } from '../../../dist/netadapt/index.js';
import { expectedLoss } from '../../../dist/netadapt/expected-loss.js';
import { buildNetwork, decodeWeights } from '../../../dist/network/index.js';
import { formatArchitecture, parseArchitecture } from '../../../dist/space/index.js';

/** Savings are counted in this number of parts of what is needed. */
const PARTS = 400;
const SOLVES = 4;

/**
 * Times each dimension at its narrowest, in turns with the start; in between its saving is taken as linear in the width. What
 * the solution saves is measured, and more or less is asked for until it meets the latency.
 */
export async function knapsack({ pool, spec, folder, text, targetMs, signal, log }) {
  const whole = parseArchitecture(text);
  const bytes = readFileSync(join(folder, 'checkpoints', 'trial-1.weights'));
  const weights = decodeWeights(new Uint8Array(bytes), buildNetwork(whole));
  const lossOf = expectedLoss(whole, weights, DEFAULT_SETTINGS.filterCriterion, spec.recipe.norm.epsilon);
  const offers = dimensionsOf(whole)
    .map((dimension) => ({ dimension, widths: narrowerWidths(whole, dimension, 8) }))
    .filter(({ widths }) => widths.length > 0);
  const narrow = offers.map(({ dimension, widths }) =>
    formatArchitecture(withWidth(whole, dimension, widths.at(-1))),
  );
  const [before, ...records] = await pool.measure([text, ...narrow], signal, 'short');
  const groups = offers.map(({ dimension, widths }, i) => {
    const perChannel = (before.medianMs - records[i].medianMs) / (dimension.width - widths.at(-1));
    return widths.map((width) => ({
      ...{ dimension, width, loss: lossOf(dimension, width) },
      savedMs: perChannel * (dimension.width - width),
    }));
  });
  let askedMs = before.medianMs - targetMs;
  let best;
  for (let solve = 0; solve < SOLVES; solve++) {
    const chosen = solved(groups, askedMs);
    if (chosen === undefined) break;
    const smaller = chosen.reduce((made, { dimension, width }) => withWidth(made, dimension, width), whole);
    const of = formatArchitecture(smaller);
    const [again, after] = await pool.measure([text, of], signal);
    const savedMs = again.medianMs - after.medianMs;
    const meets = after.medianMs <= targetMs;
    log(`knapsack: ${chosen.length} widths, ${after.medianMs.toFixed(3)} ms for ${targetMs.toFixed(3)} ms`);
    if (best === undefined || (meets && (!best.meets || after.medianMs > best.ms)))
      best = { text: of, ms: after.medianMs, meets, chosen };
    askedMs *= Math.min(1.5, Math.max(0.7, (again.medianMs - targetMs) / Math.max(savedMs, 1e-6)));
  }
  return best;
}

/** Of each group one item at most, of least loss for at least that saving; undefined where all together save less. */
function solved(groups, neededMs) {
  let states = new Map([[0, { loss: 0, chosen: [] }]]);
  for (const group of groups) {
    const next = new Map(states);
    for (const [saved, { loss, chosen }] of states)
      for (const item of group) {
        if (!(item.savedMs > 0)) continue;
        const parts = Math.min(PARTS, saved + Math.floor((PARTS * item.savedMs) / neededMs));
        const known = next.get(parts);
        if (known === undefined || loss + item.loss < known.loss)
          next.set(parts, { loss: loss + item.loss, chosen: [...chosen, item] });
      }
    states = next;
  }
  return states.get(PARTS)?.chosen;
}
