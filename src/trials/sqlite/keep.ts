import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Holds objects so that they are collected at chosen moments only. */
export interface Keeper {
  keep(object: object): void;
  /** How many it holds. */
  readonly count: number;
}

interface Kept {
  readonly weak: WeakRef<object>;
  strong: object | undefined;
}

/** Objects held before the first collection: closed ones are small, and a collection takes tens of milliseconds. */
const LEAST = 4096;

/**
 * Holds every object given, until there are enough that unused ones are let go: all are released, collected immediately by
 * `collect`, and those that outlive it (they are in use) are held again. The next collection comes at twice as many as
 * are in use, but not before `least`. Objects given in the present turn of the event loop outlive any collection.
 * @param collect a full garbage collection that is over when it returns
 */
export function createKeeper(least = LEAST, collect: () => void = collectGarbage): Keeper {
  let kept: Kept[] = [];
  let most = least;

  function letGo(): void {
    for (const entry of kept) entry.strong = undefined;
    collect();
    kept = kept.filter((entry) => (entry.strong = entry.weak.deref()) !== undefined);
    most = Math.max(least, 2 * kept.length);
  }
  return {
    keep(object) {
      if (kept.length >= most) letGo();
      kept.push({ weak: new WeakRef(object), strong: object });
    },
    get count() {
      return kept.length;
    },
  };
}

let gc: (() => void) | undefined;

/** Only a context made while the flag is set has the function, so Node need not be started with the flag. */
function collectGarbage(): void {
  if (gc === undefined) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  gc();
}
