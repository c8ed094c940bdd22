import type { StudyView } from '../../report/view/view.js';
import { chart, zoomButtons } from '../charts/chart.js';
import { drawOverlay } from '../charts/lineage.js';
import { dataTable } from '../data-table.js';
import { h, replace } from '../dom.js';
import { counted, decimal, percent, time } from '../format.js';
import { toCompare } from '../routes.js';
import type { Page, PageContext } from './page.js';

/** Two studies: their frontiers in one picture, their figures and differing settings side by side. */
export function comparePage({ source }: PageContext, a: string, b: string): Page {
  const chooseA = h('select', { onchange: () => go() });
  const chooseB = h('select', { onchange: () => go() });
  const go = (): void => void (location.hash = toCompare(chooseA.value, chooseB.value));
  const picture = chart();
  const body = h('div');
  const hint = h('p', { class: 'empty' }, 'Choose two studies.');
  const pictureCard = h(
    'div',
    { class: 'card', hidden: true },
    h('div', { class: 'card-head' }, h('h3', {}, 'Frontiers'), zoomButtons(picture, 'the frontiers')),
    picture.element,
  );
  return {
    title: `Compare ${a} and ${b}`,
    studies: null,
    element: h(
      'div',
      { class: 'stack' },
      h('h1', { tabindex: -1 }, 'Compare two studies'),
      h(
        'div',
        { class: 'filter' },
        h('label', {}, h('span', {}, 'First'), chooseA),
        h('label', {}, h('span', {}, 'Second'), chooseB),
      ),
      hint,
      pictureCard,
      body,
    ),
    async refresh() {
      const names = (await source.studies())
        .filter(({ problem }) => problem === null)
        .map(({ name }) => name);
      for (const [select, chosen] of [
        [chooseA, a],
        [chooseB, b],
      ] as const) {
        if (document.activeElement !== select) replace(select, options(names, chosen));
      }
      if (a === '' || b === '') return;
      const views = await Promise.all([source.study(a), source.study(b)]);
      hint.hidden = true;
      pictureCard.hidden = false;
      picture.show(
        `Frontiers of ${a} (${views[0].frontier.length} trials) and ${b} (${views[1].frontier.length} trials)`,
        drawOverlay(views),
      );
      replace(body, sideBySide(views));
    },
  };
}

function options(names: readonly string[], chosen: string): HTMLElement[] {
  return ['', ...names].map((name) => h('option', { value: name, selected: name === chosen }, name));
}

function sideBySide(views: readonly [StudyView, StudyView]): HTMLElement {
  const [left, right] = views;
  const settings = new Map(views.flatMap(({ head }) => head.settings.map(([name]) => [name, name])));
  const setting = ({ head }: StudyView, name: string): string =>
    head.settings.find(([one]) => one === name)?.[1] ?? '–';
  const differing = [...settings.keys()].filter((name) => setting(left, name) !== setting(right, name));
  const rows: readonly (readonly [string, (view: StudyView) => string])[] = [
    ['space', ({ head }) => head.space],
    ['data', ({ head }) => head.data],
    ['strategy', ({ head }) => head.strategy],
    [
      'targets',
      ({ head }) => head.targets.map(({ platform, targetMs }) => `${targetMs} ms on ${platform}`).join(', '),
    ],
    ['trials', ({ points, counts }) => `${counted(points.trial.length, 'trial')}, ${counts.done} trained`],
    ['test accuracy', (view) => percent(numbersOf(view, view.result?.trial).accuracy)],
    ['its latency', (view) => time(numbersOf(view, view.result?.trial).latencyMs)],
    ['proxy’s best accuracy', (view) => percent(numbersOf(view, view.best).accuracy)],
    ['proxy’s latency', (view) => time(numbersOf(view, view.best).latencyMs)],
    ['on the frontier', ({ frontier }) => String(frontier.length)],
    ['hypervolume', ({ hypervolume }) => decimal(hypervolume?.share ?? null)],
    ...differing.map((name) => [name, (view: StudyView) => setting(view, name)] as const),
  ];
  return h(
    'div',
    { class: 'card flush' },
    dataTable(
      'Two studies side by side',
      [
        { title: '', value: ([name]) => name },
        { title: left.head.name, value: ([, of]) => of(left) },
        { title: right.head.name, value: ([, of]) => of(right) },
      ],
      rows,
    ),
  );
}

function numbersOf(
  { points }: StudyView,
  trial: number | null | undefined,
): { readonly accuracy: number | null; readonly latencyMs: number | null } {
  const index = trial == null ? -1 : points.trial.indexOf(trial);
  return { accuracy: points.accuracy[index] ?? null, latencyMs: points.latencyMs[index] ?? null };
}
