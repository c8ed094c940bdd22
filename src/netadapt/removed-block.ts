import type { Curves } from './candidates.js';

/** The block that a step along the dimension of this key leaves out; undefined where it leaves out none. */
export function removedBlock(key: unknown): number | undefined {
  const found = typeof key === 'string' ? /^depth:(\d+)$/.exec(key)?.[1] : undefined;
  return found === undefined ? undefined : Number(found);
}

/** The key of the same place in the network without a block; undefined where the place is gone with it. */
function keyWithout(key: string, removed: number): string | undefined {
  const [kind = '', blocks = ''] = key.split(':');
  const left = blocks.split(',').flatMap((text) => {
    const block = Number(text);
    return block === removed ? [] : [block > removed ? block - 1 : block];
  });
  return left.length === 0 ? undefined : `${kind}:${left.join(',')}`;
}

/** The curves for the network that a step along the dimension of this key made: without a block, those behind it have an index less. */
export function curvesAfter(curves: Curves, dimension: string): Curves {
  const removed = removedBlock(dimension);
  if (removed === undefined) return curves;
  return new Map(
    [...curves].flatMap(([key, curve]) => {
      const renamed = keyWithout(key, removed);
      return renamed === undefined ? [] : [[renamed, curve] as const];
    }),
  );
}
