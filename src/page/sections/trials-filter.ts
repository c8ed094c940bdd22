import type { TrialKind, TrialState } from '../../trials/index.js';
import { h, replace } from '../dom.js';
import { KIND_NAMES } from '../format.js';

/** Which trials are wanted; null where it does not matter. */
export interface Wanted {
  readonly state: TrialState | null;
  readonly kind: TrialKind | null;
  readonly mostMs: number | null;
  /** In [0, 1]. */
  readonly leastAccuracy: number | null;
  /** An expression that the server understands. */
  readonly where: string | null;
}

const STATES: readonly TrialState[] = ['running', 'done', 'stopped', 'infeasible', 'failed'];
const KINDS = Object.keys(KIND_NAMES) as TrialKind[];

/** The controls above the table. `withWhere`: there is a server that evaluates expressions. */
export function filterBar(withWhere: boolean, changed: (wanted: Wanted) => void) {
  const state = choice(
    'State',
    STATES.map((name) => [name, name]),
  );
  const kind = choice(
    'Kind',
    KINDS.map((name) => [name, KIND_NAMES[name]]),
  );
  const most = number('At most, ms');
  const least = number('At least, %');
  const where = h('input', {
    type: 'text',
    placeholder: 'latencyMs < 2ms and accuracy > 90%',
    spellcheck: 'false',
    autocomplete: 'off',
    'aria-describedby': 'where-problem',
  });
  const problem = h('p', { id: 'where-problem', class: 'problem', role: 'alert', hidden: true });

  const notify = (): void => {
    const expression = where.value.trim();
    if (expression === '') wrong(null);
    changed({
      state: STATES.find((name) => name === state.select.value) ?? null,
      kind: KINDS.find((name) => name === kind.select.value) ?? null,
      mostMs: valueOf(most.input),
      leastAccuracy: percentOf(least.input),
      where: expression === '' ? null : expression,
    });
  };
  const wrong = (text: string | null): void => {
    problem.hidden = text === null;
    replace(problem, text);
    if (text === null) where.removeAttribute('aria-invalid');
    else where.setAttribute('aria-invalid', 'true');
  };
  for (const control of [state.select, kind.select, where]) control.addEventListener('change', notify);
  for (const { input } of [most, least]) input.addEventListener('input', notify);

  return {
    element: h(
      'form',
      {
        class: 'filter',
        role: 'search',
        'aria-label': 'Filter trials',
        onsubmit(event) {
          event.preventDefault();
          notify();
        },
      },
      state.label,
      kind.label,
      most.label,
      least.label,
      withWhere ? h('label', { class: 'where' }, h('span', {}, 'Where'), where) : null,
      problem,
    ),
    /** Says what is wrong with the expression. */
    wrong,
  };
}

function choice(name: string, options: readonly (readonly [string, string])[]) {
  const select = h(
    'select',
    {},
    h('option', { value: '' }, 'all'),
    options.map(([value, text]) => h('option', { value }, text)),
  );
  return { select, label: h('label', {}, h('span', {}, name), select) };
}

function number(name: string) {
  const input = h('input', { type: 'number', min: 0, step: 'any', inputmode: 'decimal' });
  return { input, label: h('label', {}, h('span', {}, name), input) };
}

function valueOf(input: HTMLInputElement): number | null {
  return input.value === '' || !Number.isFinite(input.valueAsNumber) ? null : input.valueAsNumber;
}

function percentOf(input: HTMLInputElement): number | null {
  const value = valueOf(input);
  return value === null ? null : value / 100;
}
