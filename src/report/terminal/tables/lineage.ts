import type { Json } from '../../../core/index.js';
import type { Trial } from '../../../trials/index.js';
import { trialRow } from '../../../trials/index.js';
import type { Style } from '../style.js';
import { accuracyCell, latencyCell } from './cells.js';
import { table, type Column } from './table.js';

interface Member {
  readonly role: 'ancestor' | 'this' | 'child';
  readonly trial: Trial;
}

/**
 * What a trial was made from, the oldest first, the trial itself, and what was made from it.
 * @param parents its parent, that one's parent, and so on
 */
export function lineageTable(
  trial: Trial,
  parents: readonly Trial[],
  children: readonly Trial[],
  style: Style,
): string {
  const members: readonly Member[] = [
    ...parents.toReversed().map((one): Member => ({ role: 'ancestor', trial: one })),
    { role: 'this', trial },
    ...children.map((one): Member => ({ role: 'child', trial: one })),
  ];
  const columns: readonly Column<Member>[] = [
    {
      title: '',
      value: ({ role }) => (role === 'this' ? '▸' : role === 'child' ? '└' : '│'),
      tone: ({ role }) => (role === 'this' ? 'mark' : 'quiet'),
    },
    { title: 'trial', value: (member) => member.trial.id },
    { title: 'kind', value: (member) => member.trial.kind },
    { title: 'state', value: (member) => member.trial.state, optional: 2 },
    { title: 'accuracy', value: ({ trial: one }) => accuracyCell(trialRow(one)), align: 'right' },
    { title: 'latency ms', value: ({ trial: one }) => latencyCell(trialRow(one)), align: 'right' },
    { title: 'what changed', value: ({ trial: one }) => changeOf(one.note), shrinksTo: 12, optional: 1 },
  ];
  return table(members, columns, style);
}

/** `expansion:3 from 72 to 64`, where NetAdapt noted it. */
function changeOf(note: Json): string {
  if (note === null || typeof note !== 'object' || Array.isArray(note)) return '';
  const { dimension, from, to } = note as Readonly<Record<string, Json>>;
  if (typeof dimension !== 'string' || typeof from !== 'number' || typeof to !== 'number') return '';
  if (dimension.startsWith('depth:')) return `${dimension.replace('depth:', 'block ')} left out`;
  return `${dimension} from ${from} to ${to}`;
}
