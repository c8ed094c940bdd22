// Opens the contestants of one network on both sides, with the same recipe, and holds their sizes against each other.
import { compiled } from '../lib/recipes.mjs';

const LAYOUTS = ['first', 'last'];
const SEED = 1;
/** Steps that a training of the timed kind would have: fixes how slow its moving averages are. */
const LENGTH = 5000;
const RATE = 0.01;

/** What a plain step leaves out: all but forward, loss, backward and momentum. */
const PLAIN = { emaDecay: null, pad: 0, flip: false, dropout: 0, labelSmoothing: 0 };

/**
 * The whole step and the plain one, ours and PyTorch's in both memory layouts, each as `{ name, side, id, pids }`.
 * @param kinds `whole`, `plain`, `compile`
 */
export async function openTrainings({ ours, torch, network, recipe, pictures, kinds }) {
  const contestants = [];
  const firstMs = {};
  const add = async (side, id, spec) => {
    const answer = await side.ask({ do: 'open', id, spec });
    if (answer.params !== network.params)
      throw new Error(`${network.name}: ${answer.params} parameters in ${id}, expected ${network.params}`);
    firstMs[id] = Math.round(answer.firstMs);
    contestants.push({ name: id, side, id, pids: () => [side.pid] });
  };
  for (const kind of kinds) {
    const whole = kind !== 'plain';
    const wanted = whole ? recipe : { ...recipe, ...PLAIN, optimiser: { kind: 'momentum', momentum: 0.9 } };
    const step = compiled(wanted, LENGTH, pictures);
    if (kind !== 'compile')
      await add(ours, `ours ${kind}`, { text: network.text, recipe: step, seed: 'bench' });
    for (const layout of LAYOUTS) {
      const spec = { ...network, recipe: step, whole, layout, seed: SEED, compile: kind === 'compile' };
      await add(torch, `torch ${kind}, channels ${layout}`, spec);
    }
  }
  return { contestants, firstMs };
}

/** A turn of the given number of steps. */
export function stepTurn({ side, id }, count) {
  return () => side.ask({ do: 'steps', id, count, rate: RATE });
}

/** Frees what was opened. */
export async function closeTrainings(contestants) {
  for (const side of new Set(contestants.map((one) => one.side)))
    await side.ask({ do: 'close', ids: contestants.filter((one) => one.side === side).map(({ id }) => id) });
}
