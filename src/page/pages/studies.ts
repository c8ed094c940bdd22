import type { ReadableStudy, StudyCard } from '../../report/view/page-api.js';
import { h, replace } from '../dom.js';
import { counted, moment, percent, time } from '../format.js';
import { toCompare, toStudy } from '../routes.js';
import { problemCard } from '../problem-card.js';
import type { Page, PageContext } from './page.js';

/** Every study of the runs folder; one that cannot be read says why. */
export function studiesPage({ source }: PageContext): Page {
  const list = h('ul', { class: 'studies' });
  const compare = h('p', { class: 'note' });
  return {
    title: 'Studies',
    studies: null,
    element: h('div', { class: 'stack' }, h('h1', { tabindex: -1 }, 'Studies'), list, compare),
    async refresh() {
      const studies = await source.studies();
      replace(
        list,
        studies.length === 0
          ? h(
              'li',
              { class: 'empty' },
              'No study yet: nas search --study NAME makes one, and it appears here by itself.',
            )
          : [...studies].sort(newestFirst).map(card),
      );
      const [a, b] = studies.filter((study) => study.problem === null);
      replace(
        compare,
        a === undefined || b === undefined
          ? null
          : h('a', { href: toCompare(a.name, b.name), 'data-key': 'compare' }, 'Compare two studies'),
      );
    },
  };
}

function newestFirst(a: StudyCard, b: StudyCard): number {
  const at = (card: StudyCard): number => (card.problem === null ? card.writtenAt : -1);
  return at(b) - at(a) || (a.name < b.name ? -1 : 1);
}

function card(study: StudyCard): HTMLElement {
  if (study.problem !== null)
    return h('li', { class: 'card' }, h('h2', {}, study.name), problemCard(study.problem));
  return h(
    'li',
    { class: 'card study' },
    h(
      'h2',
      {},
      h('a', { href: toStudy(study.name), 'data-key': `study-${study.name}` }, study.name),
      study.running ? h('span', { class: 'chip running' }, 'running') : null,
    ),
    h('p', { class: 'note' }, `${study.space}, ${study.data}`),
    h('dl', { class: 'tiles small' }, figures(study)),
    h('p', { class: 'note' }, `written ${moment(study.writtenAt)}`),
  );
}

function figures({ result, best, trials, done, targetMs }: ReadableStudy): HTMLElement[] {
  const figure = (name: string, value: string): HTMLElement =>
    h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value));
  const proxy = figure('proxy’s best accuracy', percent(best?.accuracy ?? null));
  return [
    ...(result === null
      ? [proxy, figure('its latency', time(best?.latencyMs ?? null))]
      : [figure('test accuracy', percent(result.accuracy)), figure('latency', time(result.latencyMs))]),
    figure('target', `${time(targetMs)}${result === null ? '' : result.meets ? ', met' : ', missed'}`),
    ...(result === null ? [] : [proxy]),
    figure('trained', `${done.toLocaleString('en')} of ${counted(trials, 'trial')}`),
  ];
}
