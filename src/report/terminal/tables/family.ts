import { formatCount } from '../../../core/index.js';
import type { LineageView } from '../../view/view.js';
import type { Style } from '../style.js';
import { accuracyCell, millis } from './cells.js';
import { table, type Column } from './table.js';

type Member = LineageView['members'][number];

/** `nas family`: a line a network, from the one that the others were made of; `trial` is marked ▸. */
export function familyTable({ members }: LineageView, trial: number, style: Style): string {
  const columns: readonly Column<Member>[] = [
    { title: '', value: (member) => (member.trial === trial ? '▸' : ' '), tone: () => 'mark' },
    { title: 'trial', value: (member) => member.trial },
    { title: 'from', value: ({ parent }) => parent },
    { title: 'step', value: ({ step }) => step },
    { title: 'accuracy', value: accuracyCell, align: 'right' },
    {
      title: 'latency ms',
      value: ({ latencyMs }) => (latencyMs === null ? null : millis(latencyMs)),
      align: 'right',
    },
    { title: '95 %', value: intervalText, align: 'right', optional: 2 },
    { title: 'params', value: ({ params }) => formatCount(params), align: 'right', optional: 1 },
    { title: 'what changed', value: ({ change }) => change, shrinksTo: 16 },
  ];
  return table(members, columns, style);
}

function intervalText({ latencyLowMs, latencyHighMs }: Member): string | null {
  if (latencyLowMs === null || latencyHighMs === null) return null;
  return `${millis(latencyLowMs)}–${millis(latencyHighMs)}`;
}
