import type { ChoiceImportance } from '../../report/view/view.js';
import { dataTable } from '../data-table.js';
import { h, replace, sized } from '../dom.js';
import { counted, percent, time } from '../format.js';
import type { SectionKind } from '../section.js';

/** What each choice of the space does on average. */
export const choicesSection: SectionKind = {
  id: 'choices',
  title: 'Choices that matter',
  tab: 'Choices',
  empty: (view) =>
    view.choiceImportance.length === 0 ? 'Not enough trained trials yet to say what a choice does.' : null,
  make() {
    const list = h('div', { class: 'stack tight' });
    const open = new Set<string>();
    return {
      element: h(
        'div',
        { class: 'stack' },
        h(
          'p',
          { class: 'note' },
          'How much of the spread of accuracy the option taken explains, and each option’s mean over the trials that were trained; ± is the 95 % interval of that mean. Options are not independent: the controller samples good ones together.',
        ),
        list,
      ),
      update({ choiceImportance }) {
        const of = (standing: ChoiceImportance['standing']): readonly ChoiceImportance[] =>
          choiceImportance.filter((effect) => effect.standing === standing);
        const measurable = of('measurable');
        replace(
          list,
          measurable.length === 0
            ? h('p', { class: 'empty' }, 'No choice has an effect on accuracy beyond chance yet.')
            : measurable.map((effect) => effectCard(effect, open)),
          folded(
            'without an effect beyond chance',
            of('within chance').map((effect) => effectCard(effect, open)),
            open,
          ),
          folded('never varied: all trials took the same option', of('never varied').map(takenAlways), open),
        );
      },
    };
  },
};

/** What has nothing to say stays closed until it is opened. */
function folded(what: string, parts: readonly HTMLElement[], open: Set<string>): HTMLElement | null {
  if (parts.length === 0) return null;
  const details = h(
    'details',
    {
      class: 'fold',
      open: open.has(what),
      ontoggle() {
        if (details.open) open.add(what);
        else open.delete(what);
      },
    },
    h('summary', { 'data-key': `fold-${what}` }, `${counted(parts.length, 'choice')} ${what}`),
    h('div', { class: 'stack tight' }, parts),
  );
  return details;
}

function takenAlways({ choice, options }: ChoiceImportance): HTMLElement {
  const taken = options.find(({ trials }) => trials > 0);
  return h('p', { class: 'note' }, `${choice}: ${taken?.option ?? ''}`);
}

function effectCard(effect: ChoiceImportance, open: Set<string>): HTMLElement {
  const details = h(
    'details',
    {
      class: 'card effect',
      open: open.has(effect.choice),
      ontoggle() {
        if (details.open) open.add(effect.choice);
        else open.delete(effect.choice);
      },
    },
    h(
      'summary',
      { 'data-key': `effect-${effect.choice}` },
      h('span', { class: 'name' }, effect.choice),
      h('span', { class: 'bar', 'aria-hidden': 'true' }, sized(h('i'), 'width', effect.importance)),
      h('span', { class: 'number' }, percent(effect.importance)),
    ),
    optionTable(effect),
  );
  return details;
}

function optionTable({ choice, options }: ChoiceImportance): HTMLElement {
  const known = options.flatMap(({ accuracy, accuracyHalf }) =>
    accuracy === null ? [] : [accuracy - (accuracyHalf ?? 0), accuracy + (accuracyHalf ?? 0)],
  );
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const at = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5);
  return dataTable(
    `Options of ${choice}`,
    [
      { title: 'option', value: ({ option }) => option },
      { title: 'trials', number: true, value: ({ trials }) => String(trials) },
      {
        title: 'mean accuracy',
        number: true,
        value: ({ accuracy, accuracyHalf }) =>
          `${percent(accuracy)}${accuracyHalf === null ? '' : ` ± ${(100 * accuracyHalf).toFixed(2)}`}`,
      },
      {
        title: '',
        wide: true,
        value({ accuracy, accuracyHalf }) {
          if (accuracy === null) return '';
          const from = at(accuracy - (accuracyHalf ?? 0));
          const line = sized(
            sized(h('i', { class: 'spread' }), 'left', from),
            'width',
            at(accuracy + (accuracyHalf ?? 0)) - from,
          );
          return h(
            'span',
            { class: 'whisker', 'aria-hidden': 'true' },
            line,
            sized(h('b'), 'left', at(accuracy)),
          );
        },
      },
      { title: 'mean latency', number: true, value: ({ latencyMs }) => time(latencyMs) },
    ],
    options,
  );
}
