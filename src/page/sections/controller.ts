import type { ControllerView, StudyView } from '../../report/view/view.js';
import { chart } from '../charts/chart.js';
import { drawProbabilities } from '../charts/lines.js';
import { h, replace, sized } from '../dom.js';
import { counted, percent } from '../format.js';
import { tile, tiles, type SectionKind } from '../section.js';

/** The probability of each choice as the controller learns. */
export const controllerSection: SectionKind = {
  id: 'controller',
  title: 'Controller',
  empty: ({ controller, head }: StudyView) =>
    controller === null || controller.reported.length === 0
      ? `Nothing kept of a controller: the strategy is ${head.strategy}, or it has not learnt from any trial yet.`
      : null,
  make() {
    let view: ControllerView | null = null;
    let chosen = 0;
    const picture = chart();
    const title = h('h3');
    const list = h('ul', { class: 'choices' });
    const numbers = h('div');
    const paint = (): void => {
      if (view === null) return;
      const now = view.probabilities.at(-1) ?? [];
      const shown = view;
      replace(
        list,
        view.choices.map(({ choice, options }, index) => {
          const likeliest = Math.max(0, ...(now[index] ?? []));
          const option = options[(now[index] ?? []).indexOf(likeliest)] ?? '';
          return h(
            'li',
            {},
            h(
              'button',
              {
                type: 'button',
                'data-key': `choice-${index}`,
                'aria-pressed': String(index === chosen),
                onclick() {
                  chosen = index;
                  paint();
                },
              },
              h('span', { class: 'name' }, choice),
              h('span', { class: 'bar', 'aria-hidden': 'true' }, sized(h('i'), 'width', likeliest)),
              h('span', { class: 'value' }, `${option}, ${percent(likeliest)}`),
            ),
          );
        }),
      );
      const choice = shown.choices[chosen];
      replace(title, choice?.choice ?? '');
      const ends = (choice?.options ?? []).map(
        (option, index) => `${option} ${percent(now[chosen]?.[index] ?? null)}`,
      );
      picture.show(
        `Probability of the options of ${choice?.choice ?? ''} over ${counted(shown.reported.at(-1) ?? 0, 'trial')}; now ${ends.join(', ')}`,
        drawProbabilities(shown, chosen),
      );
    };
    return {
      element: h(
        'div',
        { class: 'stack' },
        h(
          'p',
          { class: 'note' },
          'What the controller would sample next, and how that came to be. Choose a choice; the bar is the probability of its likeliest option.',
        ),
        numbers,
        h(
          'div',
          { class: 'columns' },
          h('div', { class: 'card' }, title, picture.element),
          h('div', { class: 'card flush' }, list),
        ),
      ),
      update({ controller }) {
        view = controller;
        replace(numbers, view === null ? null : overview(view));
        if (view !== null && chosen >= view.choices.length) chosen = 0;
        paint();
      },
    };
  },
};

/** How far the controller has made up its mind, and from what. */
function overview({ entropy, collapsedAt, reported, learned }: ControllerView): HTMLElement {
  const { trained, timed, predicted } = learned;
  const until = collapsedAt === null ? 'so far' : 'until it collapsed';
  return tiles(
    tile('Entropy of its choices', percent(entropy.at(-1) ?? null), 'of the largest possible, on average'),
    tile(
      'Collapsed',
      collapsedAt === null ? 'no' : `after ${counted(collapsedAt, 'trial')}`,
      collapsedAt === null
        ? `${counted(reported.at(-1) ?? 0, 'trial')} learned from`
        : 'it samples nearly one architecture since',
    ),
    tile('Learned from trained networks', trained.toLocaleString('en'), until),
    tile(
      'Learned from latency alone',
      (timed + predicted).toLocaleString('en'),
      `${predicted} predicted, ${timed} timed; too slow to train`,
    ),
  );
}
