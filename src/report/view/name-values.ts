import type { Json } from '../../core/index.js';

/** Parts of a tree that are cut away: deeper ones, and lists longer than this are given by their length. */
const DEEPEST = 6;
const LONGEST = 16;

/**
 * Any JSON as a list of names and values: `{recipe: {batch: 64}}` → `recipe.batch`, `64`. Lists of plain values stand
 * in one value; what is null is written as `none`.
 */
export function nameValues(tree: Json, prefix = '', depth = 0): readonly (readonly [string, string])[] {
  if (tree === null || typeof tree !== 'object') return [[prefix === '' ? 'value' : prefix, plain(tree)]];
  if (isList(tree)) {
    if (tree.every((item) => item === null || typeof item !== 'object'))
      return tree.length === 0 ? [] : [[prefix, listed(tree)]];
    if (tree.length > LONGEST || depth >= DEEPEST) return [[prefix, `${tree.length} entries`]];
    return tree.flatMap((item, index) => nameValues(item, `${prefix}[${index + 1}]`, depth + 1));
  }
  if (depth >= DEEPEST) return [[prefix, '…']];
  return Object.entries(tree).flatMap(([name, value]) =>
    nameValues(value, prefix === '' ? name : `${prefix}.${name}`, depth + 1),
  );
}

function isList(tree: Json): tree is readonly Json[] {
  return Array.isArray(tree);
}

function listed(list: readonly Json[]): string {
  const shown = list.slice(0, LONGEST).map(plain).join(', ');
  return list.length > LONGEST ? `${shown}, … (${list.length})` : shown;
}

function plain(value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? '…' : String(value);
}
