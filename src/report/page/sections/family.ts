import type { FamilyView } from '../../view/view.js';
import { chart, type Chart } from '../charts/chart.js';
import { drawFamily } from '../charts/family.js';
import { dataTable } from '../data-table.js';
import { h, replace } from '../dom.js';
import { count, counted, KIND_NAMES, percent, time } from '../format.js';
import { toTrial } from '../routes.js';
import { card, type SectionKind } from '../section.js';

/** What NetAdapt and retraining made of each network. */
export const familySection: SectionKind = {
  id: 'family',
  title: 'NetAdapt families',
  tab: 'Families',
  empty: ({ families }) =>
    families.length === 0
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
      update({ families }) {
        for (const family of families) {
          let known = cards.get(family.ancestor);
          if (known === undefined) {
            const picture = chart();
            const rows = h('div');
            known = { picture, rows, element: card(`From trial ${family.ancestor}`, picture.element, rows) };
            cards.set(family.ancestor, known);
            element.append(known.element);
          }
          known.picture.element.hidden = family.members.filter(placed).length < 2;
          known.picture.show(
            `Accuracy against latency of ${counted(family.members.length, 'network')} that came of trial ${family.ancestor}, step by step`,
            drawFamily(family),
          );
          replace(known.rows, memberTable(study, family));
        }
      },
    };
  },
};

function placed({ accuracy, latencyMs }: FamilyView['members'][number]): boolean {
  return accuracy !== null && latencyMs !== null;
}

function memberTable(study: string, { ancestor, members }: FamilyView): HTMLElement {
  return dataTable(
    `Family of trial ${ancestor}`,
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
