import { indistinguishableText } from '../../report/view/indistinguishable.js';
import type { StudyView } from '../../report/view/view.js';
import { chart, zoomButtons } from '../charts/chart.js';
import { drawFrontier, indexOf, placed, platformOf } from '../charts/frontier.js';
import { drawBestSoFar } from '../charts/lines.js';
import { dataTable } from '../data-table.js';
import { h, replace } from '../dom.js';
import { count, counted, decimal, interval, KIND_NAMES, percent, time } from '../format.js';
import { toStudy, toTrial } from '../routes.js';
import { card, tile, tiles, type SectionKind } from '../section.js';

/** Accuracy against latency, the best so far, and the frontier's rows. */
export const frontierSection: SectionKind = {
  id: 'frontier',
  title: 'Frontier',
  empty: (view) => (view.points.trial.length === 0 ? 'No trial has begun yet.' : null),
  make({ study }) {
    let shown: StudyView | null = null;
    const picture = chart({
      onClick(data) {
        const trial = shown?.points.trial[indexOf(data)];
        if (trial !== undefined) location.hash = toTrial(study, trial);
      },
    });
    const best = chart({ height: 'low' });
    const numbers = h('div');
    const rows = h('div');
    const nothing = h('p', { class: 'empty' }, 'No trial was both trained and timed yet.');
    const bestCard = card('Best of the search so far (proxy)', best.element);
    const hint = h(
      'p',
      { class: 'note' },
      'Point at a trial for its numbers, click for its page. Ctrl and wheel zoom, drag to move. Every point is also a row under ',
      h('a', { href: toStudy(study, 'trials') }, 'Trials'),
      '.',
    );
    const zoom = zoomButtons(picture, 'the frontier');
    return {
      element: h(
        'div',
        { class: 'stack' },
        numbers,
        h(
          'div',
          { class: 'card' },
          h('div', { class: 'card-head' }, h('h3', {}, 'Accuracy against latency'), zoom),
          picture.element,
          nothing,
          hint,
        ),
        bestCard,
        card('On the frontier', rows),
      ),
      update(view) {
        shown = view;
        replace(numbers, overview(view));
        const some = placed(view.points).length > 0;
        picture.element.hidden = !some;
        nothing.hidden = some;
        hint.hidden = !some;
        zoom.hidden = !some;
        bestCard.hidden = view.bestSoFar.length === 0;
        picture.show(frontierInWords(view), drawFrontier(view));
        const last = view.bestSoFar.at(-1);
        best.show(
          last === undefined
            ? 'Best accuracy so far: no trial within the targets yet'
            : `Best accuracy so far: ${percent(last[1])}, reached by trial ${last[2]} after ${last[0]} finished trials`,
          drawBestSoFar(view),
        );
        replace(rows, frontierTable(view), indistinguishableNote(view));
      },
    };
  },
};

function frontierInWords(view: StudyView): string {
  const targets = view.head.targets
    .map(({ platform, targetMs }) => `${targetMs} ms on ${platform}`)
    .join(', ');
  return `Accuracy against latency of ${counted(placed(view.points).length, 'trial')}; ${view.frontier.length} on the frontier; targets: ${targets}`;
}

function overview(view: StudyView): HTMLElement {
  const { counts, points, hypervolume, head } = view;
  const index = view.best === null ? -1 : points.trial.indexOf(view.best);
  const finished = counts.done + counts.stopped + counts.infeasible + counts.failed;
  const states = (['running', 'infeasible', 'failed', 'stopped'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${state}`);
  const targets = head.targets.map(({ targetMs }) => `target ${time(targetMs)}`).join(', ');
  return tiles(
    ...resultTiles(view),
    scalingTile(view),
    tile(
      'Proxy’s best accuracy',
      percent(points.accuracy[index] ?? null),
      view.best === null ? 'none within the targets' : `held-out pictures, trial ${view.best}`,
    ),
    tile(
      view.result === null ? 'Its latency' : 'Proxy’s latency',
      time(points.latencyMs[index] ?? null),
      view.result === null ? targets : `of trial ${view.best ?? ''}`,
    ),
    tile('Trials finished', finished.toLocaleString('en'), states.join(', ')),
    hypervolume === null
      ? null
      : tile(
          'Hypervolume',
          decimal(hypervolume.share),
          `to ${time(hypervolume.referenceMs)}, ${percent(hypervolume.referenceAccuracy)}`,
        ),
  );
}

/** The retrained network first: that is what the study has come to. */
function resultTiles({ result, points, head }: StudyView): (HTMLElement | null)[] {
  const at = result === null ? -1 : points.trial.indexOf(result.trial);
  if (result === null || at < 0) return [];
  const targets = head.targets.map(({ targetMs }) => time(targetMs)).join(', ');
  return [
    tile(
      'Test accuracy',
      percent(points.accuracy[at] ?? null),
      `final result: trial ${result.trial}, retrained`,
    ),
    tile(
      'Latency',
      time(points.latencyMs[at] ?? null),
      `95 % ${interval(points.latencyLowMs[at] ?? null, points.latencyHighMs[at] ?? null)}; ${result.meets ? 'meets' : 'misses'} the target ${targets}`,
    ),
  ];
}

/** Also where nothing was gained: that a search brings more than scaling is not to be taken for granted. */
function scalingTile({ scaling }: StudyView): HTMLElement | null {
  if (scaling === null) return null;
  const { scaled, accuracy, scaledAccuracy, isScaled } = scaling;
  const points = 100 * (accuracy - scaledAccuracy);
  return tile(
    'Gain over scaling',
    isScaled ? 'none' : `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)} points`,
    isScaled
      ? `${scaled} was the best finalist`
      : `${percent(accuracy)} against ${percent(scaledAccuracy)} of ${scaled}, held-out pictures, equal training`,
  );
}

function frontierTable(view: StudyView): HTMLElement {
  const { points, head } = view;
  const places = new Map(points.trial.map((trial, index) => [trial, index]));
  const rows = view.frontier.map((trial) => ({ trial, index: places.get(trial) ?? -1 }));
  if (rows.length === 0) return h('p', { class: 'empty' }, 'No trial yet.');
  return dataTable(
    `Frontier on ${platformOf(view)}`,
    [
      {
        title: 'trial',
        number: true,
        value: ({ trial }) =>
          h(
            'span',
            {},
            trial === view.best ? h('span', { class: 'chip good' }, 'best') : null,
            trial === view.best ? ' ' : null,
            h('a', { href: toTrial(head.name, trial), 'data-key': `front-${trial}` }, String(trial)),
          ),
      },
      { title: 'accuracy', number: true, value: ({ index }) => percent(points.accuracy[index] ?? null) },
      { title: 'latency', number: true, value: ({ index }) => time(points.latencyMs[index] ?? null) },
      {
        title: '95 % interval',
        number: true,
        wide: true,
        value: ({ index }) =>
          interval(points.latencyLowMs[index] ?? null, points.latencyHighMs[index] ?? null),
      },
      {
        title: 'as fast as',
        wide: true,
        value: ({ trial }) =>
          view.indistinguishable.flatMap(([a, b]) => (a === trial ? [b] : b === trial ? [a] : [])).join(', '),
      },
      { title: 'source', wide: true, value: ({ index }) => points.source[index] ?? '' },
      {
        title: 'kind',
        wide: true,
        value: ({ index }) => {
          const kind = points.kind[index];
          return kind === undefined ? '' : KIND_NAMES[kind];
        },
      },
      {
        title: 'parameters',
        number: true,
        wide: true,
        value: ({ index }) => count(points.params[index] ?? null),
      },
      {
        title: 'multiply-adds',
        number: true,
        wide: true,
        value: ({ index }) => count(points.madds[index] ?? null),
      },
    ],
    rows,
  );
}

/** Which on the frontier are indistinguishable in latency, as below the terminal's picture. */
function indistinguishableNote({ indistinguishable }: StudyView): HTMLElement | null {
  if (indistinguishable.length === 0) return null;
  return h(
    'p',
    { class: 'note' },
    `Indistinguishable in latency: ${indistinguishableText(indistinguishable)} (their 95 % intervals touch).`,
  );
}
