import { h } from './dom.js';

export interface TableColumn<T> {
  readonly title: string;
  readonly value: (row: T) => Node | string;
  readonly number?: boolean;
  /** Left out on narrow screens. */
  readonly wide?: boolean;
}

/** A small table; long ones are paged, see trials. */
export function dataTable<T>(
  caption: string,
  columns: readonly TableColumn<T>[],
  rows: readonly T[],
): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      { class: 'data' },
      h('caption', { class: 'unseen' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map((column) => h('th', { scope: 'col', class: classOf(column) }, column.title)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            columns.map((column) => h('td', { class: classOf(column) }, column.value(row))),
          ),
        ),
      ),
    ),
  );
}

export function classOf({ number = false, wide = false }: { number?: boolean; wide?: boolean }): string {
  return [number ? 'number' : '', wide ? 'wide' : ''].filter((name) => name !== '').join(' ');
}
