import { formatCount, formatPercent } from '../../../core/index.js';
import type { LineageView } from '../../view/view.js';
import type { Style } from '../style.js';
import { table, type Column } from './table.js';

type Member = LineageView['members'][number];

/** `nas family`: a line a network, from the one that the others were made of; `trial` is marked ▸. */
export function familyTable({ members }: LineageView, trial: number, style: Style): string {
  const columns: readonly Column<Member>[] = [
    { title: '', value: (member) => (member.trial === trial ? '▸' : ' '), tone: () => 'mark' },
    { title: 'trial', value: (member) => member.trial },
    { title: 'from', value: ({ parent }) => parent },
    { title: 'step', value: ({ step }) => step },
    { title: 'accuracy', value: accuracyText, align: 'right' },
    { title: 'latency ms', value: ({ latencyMs }) => millis(latencyMs), align: 'right' },
    { title: '95 %', value: intervalText, align: 'right', optional: 2 },
    { title: 'params', value: ({ params }) => formatCount(params), align: 'right', optional: 1 },
    { title: 'what changed', value: ({ change }) => change, shrinksTo: 16 },
  ];
  return table(members, columns, style);
}

function accuracyText({ accuracy, kind }: Member): string | null {
  return accuracy === null ? null : `${formatPercent(accuracy)}${kind === 'retrain' ? ' (test)' : ''}`;
}

function intervalText({ latencyLowMs, latencyHighMs }: Member): string | null {
  const [low, high] = [millis(latencyLowMs), millis(latencyHighMs)];
  return low === null || high === null ? null : `${low}–${high}`;
}

function millis(value: number | null): string | null {
  return value === null ? null : value.toFixed(value < 10 ? 3 : 2);
}
