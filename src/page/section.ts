import type { StudyView } from '../report/view/view.js';
import { h, replace } from './dom.js';
import type { Source } from './source.js';

/** A part of a study's page that follows the study while it changes. */
export interface Section {
  readonly element: HTMLElement;
  update(view: StudyView): void;
}

export interface SectionContext {
  readonly source: Source;
  readonly study: string;
}

export interface SectionKind {
  readonly id: string;
  readonly title: string;
  /** The title in a row of links; `title` when left out. */
  readonly tab?: string;
  /** What is said where there is nothing to show yet; null where there is. */
  readonly empty: (view: StudyView) => string | null;
  readonly make: (context: SectionContext) => Section;
}

/** The section under its title; a sentence in its place where there is nothing to show. */
export function framed(kind: SectionKind, context: SectionContext): Section {
  const inner = kind.make(context);
  const notice = h('p', { class: 'empty' });
  const element = h(
    'section',
    { id: `section-${kind.id}`, 'aria-labelledby': `title-${kind.id}` },
    h('h2', { id: `title-${kind.id}`, tabindex: -1 }, kind.title),
    notice,
    inner.element,
  );
  return {
    element,
    update(view) {
      const empty = kind.empty(view);
      notice.hidden = empty === null;
      inner.element.hidden = empty !== null;
      replace(notice, empty);
      if (empty === null) inner.update(view);
    },
  };
}

/** A number that counts, with its name. */
export function tile(name: string, value: string, note: string | null = null): HTMLElement {
  return h(
    'div',
    { class: 'tile' },
    h('dt', {}, name),
    h('dd', { 'data-tile': name }, value, note === null ? null : h('small', {}, note)),
  );
}

export const tiles = (...parts: readonly (HTMLElement | null)[]): HTMLElement =>
  h('dl', { class: 'tiles' }, parts);

/** A card around a picture or a table, with its title. */
export function card(title: string, ...children: readonly (HTMLElement | null)[]): HTMLElement {
  return h('div', { class: 'card' }, h('h3', {}, title), children);
}

/** Names and values. */
export function facts(pairs: readonly (readonly [string, string])[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    pairs.map(([name, value]) => h('div', {}, h('dt', {}, breakable(name)), h('dd', {}, value))),
  );
}

/** A name that may be broken behind its dots. */
function breakable(name: string): (string | HTMLElement)[] {
  return name.split(/(?<=\.)/).flatMap((part, index) => (index === 0 ? [part] : [h('wbr'), part]));
}
