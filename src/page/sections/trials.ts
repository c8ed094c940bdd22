import type { Points, StudyView } from '../../report/view/view.js';
import { classOf } from '../data-table.js';
import { h, replace } from '../dom.js';
import { count, counted, decimal, duration, interval, KIND_NAMES, moment, percent, time } from '../format.js';
import { toTrial } from '../routes.js';
import type { SectionContext, SectionKind } from '../section.js';
import { problemOf } from '../source.js';
import { filterBar, type Wanted } from './trials-filter.js';

const PAGE = 100;

type Key = keyof Points;
interface Column {
  readonly key: Key;
  readonly title: string;
  readonly text: (points: Points, index: number) => string;
  readonly number?: boolean;
  readonly wide?: boolean;
}

const COLUMNS: readonly Column[] = [
  { key: 'trial', title: 'trial', number: true, text: (points, index) => String(points.trial[index]) },
  { key: 'state', title: 'state', text: (points, index) => points.state[index] ?? '' },
  {
    key: 'kind',
    title: 'kind',
    wide: true,
    text: (points, index) => KIND_NAMES[points.kind[index] ?? 'sample'],
  },
  {
    key: 'accuracy',
    title: 'accuracy',
    number: true,
    text: (points, index) => percent(points.accuracy[index] ?? null),
  },
  {
    key: 'latencyMs',
    title: 'latency',
    number: true,
    text: (points, index) => time(points.latencyMs[index] ?? null),
  },
  {
    key: 'latencyLowMs',
    title: '95 % interval',
    number: true,
    wide: true,
    text: (points, index) =>
      interval(points.latencyLowMs[index] ?? null, points.latencyHighMs[index] ?? null),
  },
  { key: 'source', title: 'source', wide: true, text: (points, index) => points.source[index] ?? '' },
  {
    key: 'reward',
    title: 'reward',
    number: true,
    wide: true,
    text: (points, index) => decimal(points.reward[index] ?? null),
  },
  {
    key: 'params',
    title: 'parameters',
    number: true,
    wide: true,
    text: (points, index) => count(points.params[index] ?? null),
  },
  {
    key: 'madds',
    title: 'multiply-adds',
    number: true,
    wide: true,
    text: (points, index) => count(points.madds[index] ?? null),
  },
  {
    key: 'seconds',
    title: 'took',
    number: true,
    wide: true,
    text: (points, index) => duration(points.seconds[index] ?? null),
  },
  {
    key: 'finishedAt',
    title: 'finished',
    wide: true,
    text: (points, index) => moment(points.finishedAt[index] ?? null),
  },
];

/** All trials, a page at a time, sorted and filtered here. */
export const trialsSection: SectionKind = {
  id: 'trials',
  title: 'Trials',
  empty: (view) => (view.points.trial.length === 0 ? 'No trial has begun yet.' : null),
  make: (context) => trialTable(context),
};

function trialTable({ source, study }: SectionContext) {
  let view: StudyView | null = null;
  let sort: { key: Key; down: boolean } = { key: 'trial', down: false };
  let page = 0;
  let wanted: Wanted = { state: null, kind: null, mostMs: null, leastAccuracy: null, where: null };
  /** What the server found for `wanted.where`, and in which state of the study. */
  let found: { where: string; asOf: number; trials: ReadonlySet<number> } | null = null;

  const said = h('p', { class: 'note', role: 'status' });
  const head = h('tr');
  const body: HTMLElement = h('tbody', { onkeydown: (event) => move(event as KeyboardEvent, body) });
  const pages = h('nav', { class: 'pages', 'aria-label': 'Pages of trials' });
  const bar = filterBar(source.matching !== null, (next) => {
    wanted = next;
    page = 0;
    paint();
  });

  function paint(): void {
    if (view === null) return;
    const { points } = view;
    if (wanted.where !== null && (found?.where !== wanted.where || found.asOf !== view.asOf))
      ask(wanted.where, view.asOf);
    const among = wanted.where !== null && found?.where === wanted.where ? found.trials : null;
    const order = sorted(points, places(points, wanted, among), sort);
    page = Math.max(0, Math.min(page, Math.ceil(order.length / PAGE) - 1));
    replace(head, COLUMNS.map(titleCell));
    replace(
      body,
      order.slice(page * PAGE, (page + 1) * PAGE).map((index) => row(points, index)),
    );
    replace(pages, ...pageButtons(order.length));
    if (among !== null || wanted.where === null)
      replace(
        said,
        `${counted(order.length, 'trial')}${order.length === points.trial.length ? '' : ` of ${points.trial.length.toLocaleString('en')}`}`,
      );
  }

  function ask(where: string, asOf: number): void {
    source.matching?.(study, where).then(
      (trials) => {
        if (wanted.where !== where) return;
        found = { where, asOf, trials: new Set(trials) };
        bar.wrong(null);
        paint();
      },
      (error: unknown) => {
        if (wanted.where !== where) return;
        const { found: what, expected, fix } = problemOf(error);
        bar.wrong(
          [what, expected === undefined ? '' : `expected ${expected}`, fix ?? '']
            .filter((part) => part !== '')
            .join('; '),
        );
      },
    );
  }

  function titleCell(column: Column): HTMLElement {
    const here = sort.key === column.key;
    return h(
      'th',
      {
        scope: 'col',
        class: classOf(column),
        'data-column': column.key,
        'aria-sort': here ? (sort.down ? 'descending' : 'ascending') : undefined,
      },
      h(
        'button',
        {
          type: 'button',
          'data-key': `sort-${column.key}`,
          onclick() {
            sort = {
              key: column.key,
              down: here ? !sort.down : column.key === 'accuracy' || column.key === 'reward',
            };
            page = 0;
            paint();
          },
        },
        column.title,
        h('span', { class: 'arrow', 'aria-hidden': 'true' }, here ? (sort.down ? '▼' : '▲') : ''),
      ),
    );
  }

  function row(points: Points, index: number): HTMLElement {
    const trial = points.trial[index] ?? 0;
    return h(
      'tr',
      { 'data-trial': trial },
      COLUMNS.map((column) => {
        const text = column.text(points, index);
        const cell =
          column.key === 'trial'
            ? h('a', { href: toTrial(study, trial), 'data-key': `trial-${trial}` }, text)
            : column.key === 'state'
              ? h('span', { class: `chip ${text}` }, text)
              : text;
        return h('td', { class: classOf(column), 'data-column': column.key }, cell);
      }),
    );
  }

  function pageButtons(length: number): HTMLElement[] {
    const last = Math.max(0, Math.ceil(length / PAGE) - 1);
    const go = (text: string, name: string, to: number, off: boolean): HTMLElement =>
      h(
        'button',
        {
          type: 'button',
          'aria-label': name,
          'data-key': `page-${name}`,
          disabled: off,
          onclick() {
            page = to;
            paint();
          },
        },
        text,
      );
    return [
      go('«', 'First page', 0, page === 0),
      go('‹', 'Page before', page - 1, page === 0),
      h('span', {}, `page ${page + 1} of ${last + 1}`),
      go('›', 'Next page', page + 1, page >= last),
      go('»', 'Last page', last, page >= last),
    ];
  }

  return {
    element: h(
      'div',
      { class: 'stack' },
      bar.element,
      said,
      h(
        'div',
        { class: 'scroll card flush', role: 'region', 'aria-label': 'Trials', tabindex: 0 },
        h('table', { class: 'data trials' }, h('thead', {}, head), body),
      ),
      pages,
    ),
    update(next: StudyView) {
      view = next;
      paint();
    },
  };
}

function places(points: Points, wanted: Wanted, among: ReadonlySet<number> | null): number[] {
  const kept: number[] = [];
  for (let index = 0; index < points.trial.length; index++) {
    if (wanted.state !== null && points.state[index] !== wanted.state) continue;
    if (wanted.kind !== null && points.kind[index] !== wanted.kind) continue;
    if (wanted.mostMs !== null && !((points.latencyMs[index] ?? Infinity) <= wanted.mostMs)) continue;
    if (wanted.leastAccuracy !== null && !((points.accuracy[index] ?? -1) >= wanted.leastAccuracy)) continue;
    if (among !== null && !among.has(points.trial[index] ?? 0)) continue;
    kept.push(index);
  }
  return kept;
}

/** Trials without a value come last in either direction; equals stay in the order of their numbers. */
function sorted(points: Points, order: number[], { key, down }: { key: Key; down: boolean }): number[] {
  const values = points[key];
  const sign = down ? -1 : 1;
  return order.sort((a, b) => {
    const [left, right] = [values[a] ?? null, values[b] ?? null];
    if (left === right) return a - b;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -sign : sign;
  });
}

/** Arrow keys walk from row to row. */
function move(event: KeyboardEvent, body: HTMLElement): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [...body.querySelectorAll('a')];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = step === undefined || at === -1 ? undefined : links[at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
