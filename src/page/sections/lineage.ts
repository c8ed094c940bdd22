import type { LineageView } from '../../report/view/view.js';
import { chart, type Chart } from '../charts/chart.js';
import { drawLineage } from '../charts/lineage.js';
import { dataTable } from '../data-table.js';
import { h, replace } from '../dom.js';
import { count, counted, KIND_NAMES, percent, time } from '../format.js';
import { toTrial } from '../routes.js';
import { card, type SectionKind } from '../section.js';

/** What NetAdapt and retraining made of each network. */
export const lineageSection: SectionKind = {
  id: 'lineage',
  title: 'NetAdapt lineages',
  tab: 'Lineages',
  empty: ({ lineages }) =>
    lineages.length === 0
      ? 'No network of this study was shrunk or retrained yet (netadapt refine, nas retrain).'
      : null,
  make({ study }) {
    const element = h('div', { class: 'stack' });
    const cards = new Map<
      number,
      { readonly element: HTMLElement; readonly picture: Chart; readonly rows: HTMLElement }
    >();
    return {
      element,
      update({ lineages }) {
        for (const lineage of lineages) {
          let known = cards.get(lineage.ancestor);
          if (known === undefined) {
            const picture = chart();
            const rows = h('div');
            known = { picture, rows, element: card(`From trial ${lineage.ancestor}`, picture.element, rows) };
            cards.set(lineage.ancestor, known);
            element.append(known.element);
          }
          known.picture.element.hidden = lineage.members.filter(placed).length < 2;
          known.picture.show(
            `Accuracy against latency of ${counted(lineage.members.length, 'network')} that came of trial ${lineage.ancestor}, step by step`,
            drawLineage(lineage),
          );
          replace(known.rows, memberTable(study, lineage));
        }
      },
    };
  },
};

function placed({ accuracy, latencyMs }: LineageView['members'][number]): boolean {
  return accuracy !== null && latencyMs !== null;
}

function memberTable(study: string, { ancestor, members }: LineageView): HTMLElement {
  return dataTable(
    `Lineage of trial ${ancestor}`,
    [
      {
        title: 'trial',
        number: true,
        value: ({ trial }) =>
          h('a', { href: toTrial(study, trial), 'data-key': `member-${trial}` }, String(trial)),
      },
      {
        title: 'from',
        number: true,
        wide: true,
        value: ({ parent }) => (parent === null ? '' : String(parent)),
      },
      { title: 'kind', value: ({ kind }) => KIND_NAMES[kind] },
      { title: 'accuracy', number: true, value: ({ accuracy }) => percent(accuracy) },
      { title: 'latency', number: true, value: ({ latencyMs }) => time(latencyMs) },
      { title: 'parameters', number: true, wide: true, value: ({ params }) => count(params) },
      { title: 'what changed', wide: true, value: ({ change }) => change },
    ],
    members,
  );
}
