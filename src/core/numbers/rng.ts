import seedrandom from 'seedrandom';

/**
 * A named random stream. Streams differ by their path only (`7/trial/17/init`), so what one of them
 * draws never shifts another: the same seed and name give the same numbers whatever was drawn before.
 */
export interface Rng {
  readonly path: string;
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, below); `below` ≥ 1. */
  integer(below: number): number;
  /** Standard normal (polar method of Marsaglia). */
  normal(): number;
  /** One item of a list that is not empty. */
  pick<T>(items: readonly T[]): T;
  /** A new list with the items in random order (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** The stream of that name below this one; drawing from it does not change this one. */
  fork(name: string | number): Rng;
}

/** The stream of a study's seed, e.g. `createRng(7).fork('trial').fork(17)`. */
export function createRng(seed: number | string): Rng {
  return stream(String(seed));
}

function stream(path: string): Rng {
  const draw = seedrandom(distinctKey(path));
  let spare: number | undefined;
  const rng: Rng = {
    path,
    uniform: () => draw(),
    integer: (below) => Math.floor(draw() * below),
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      for (;;) {
        const u = 2 * draw() - 1;
        const v = 2 * draw() - 1;
        const s = u * u + v * v;
        if (s >= 1 || s === 0) continue;
        const factor = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * factor;
        return u * factor;
      }
    },
    pick(items) {
      if (items.length === 0) throw new RangeError('pick from an empty list');
      return items[Math.floor(draw() * items.length)] as (typeof items)[number];
    },
    shuffle(items) {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = Math.floor(draw() * (i + 1));
        [copy[i], copy[j]] = [copy[j] as (typeof items)[number], copy[i] as (typeof items)[number]];
      }
      return copy;
    },
    fork: (name) => stream(`${path}/${name}`),
  };
  return rng;
}

/**
 * ARC4 repeats its key: `1`, `11` and `111` are one key, so seeds 1 and 11 would be one stream. A path that is a shorter one
 * repeated gets an end; all others stay the keys that they always were.
 */
function distinctKey(path: string): string {
  const repeats = (path + path).indexOf(path, 1) < path.length;
  return repeats ? `${path}\0` : path;
}
