import type { Problem } from '../report/view/page-api.js';
import { h } from './dom.js';

/** What is wrong, what was expected and the fix, in place of what cannot be shown. */
export function problemCard({ code, found, expected, fix }: Problem): HTMLElement {
  return h(
    'div',
    { class: 'problem', role: 'alert' },
    h('p', {}, h('strong', {}, found)),
    expected === undefined ? null : h('p', {}, `expected: ${expected}`),
    fix === undefined ? null : h('p', {}, `fix: ${fix}`),
    h('p', { class: 'code' }, code),
  );
}
