import { formatCount } from '../../../core/index.js';
import type { BlockPair } from '../../view/block-diff.js';
import { operationOf, shapeText, type BlockRow } from '../../view/block-rows.js';
import type { BlockDifference } from '../../view/block-diff.js';
import { line, type Style, type Tone } from '../style.js';
import { table, type Column } from './table.js';

const MARKS = { same: ' ', changed: '≠', onlyA: 'A', onlyB: 'B' } as const;
const TONES: Readonly<Record<keyof typeof MARKS, Tone | undefined>> = {
  same: 'quiet',
  changed: 'warm',
  onlyA: 'accent',
  onlyB: 'mark',
};

/** Blocks side by side, one line a pair: what differs, and how the multiply-adds change from A to B. */
export function blockPairTable(pairs: readonly BlockPair[], style: Style): string[] {
  const differing = pairs.filter((pair) => stateOf(pair) !== 'same').length;
  if (differing === 0) return [line([`all ${pairs.length} blocks are the same`], style)];
  const columns: readonly Column<BlockPair>[] = [
    { title: '', value: (pair) => MARKS[stateOf(pair)], tone: (pair) => TONES[stateOf(pair)] },
    { title: 'A', value: ({ a }) => (a === null ? '' : a.index), align: 'right', optional: 2 },
    { title: 'block', value: ({ a }) => blockText(a), tone: quietWhereEqual },
    { title: 'B', value: ({ b }) => (b === null ? '' : b.index), align: 'right', optional: 2 },
    { title: 'block', value: ({ b }) => blockText(b), tone: quietWhereEqual },
    { title: 'differs in', value: differenceText, shrinksTo: 18, tone: () => 'warm' },
    { title: 'madds', value: maddsText, align: 'right', optional: 1 },
  ];
  return [
    line([`${differing} of ${pairs.length} blocks differ (≠), or stand in one network only (A, B)`], style),
    '',
    table(pairs, columns, style),
  ];
}

function stateOf({ a, b, differences }: BlockPair): keyof typeof MARKS {
  if (a === null) return 'onlyB';
  if (b === null) return 'onlyA';
  return differences.length === 0 ? 'same' : 'changed';
}

function quietWhereEqual(pair: BlockPair): Tone | undefined {
  return stateOf(pair) === 'same' ? 'quiet' : undefined;
}

function blockText(row: BlockRow | null): string {
  return row === null ? '' : `${operationOf(row.block)} → ${shapeText(row.out)}`;
}

function maddsText({ a, b }: BlockPair): string {
  const of = (row: BlockRow | null): string => (row === null ? '–' : formatCount(row.madds));
  return a?.madds === b?.madds ? of(a) : `${of(a)} → ${of(b)}`;
}

/** In the letters of the text form, so that several fit into a line: `k 3→5, e 64→72`. */
const SHORT: Readonly<Record<BlockDifference['what'], string>> = {
  kind: '',
  kernel: 'k ',
  stride: 's ',
  expansion: 'e ',
  channels: 'c ',
  SE: 'SE ',
  activation: '',
  skip: 'skip ',
};

function differenceText({ a, b, differences }: BlockPair): string {
  if (a === null) return 'only in B';
  if (b === null) return 'only in A';
  return differences
    .filter(({ what }) => what !== 'kind')
    .map((one) => `${SHORT[one.what]}${plain(one.a)}→${plain(one.b)}`)
    .join(', ');
}

/** `5` for `5×5`, `–+3` for `–+3×3`. */
function plain(value: string): string {
  return value.replace(/\b(\d+)×\1\b/g, '$1');
}
