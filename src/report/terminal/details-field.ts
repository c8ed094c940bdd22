import { paint, type Style } from './style.js';
import { fit, neutral, wrap } from './text.js';

/** Columns of the labels on the left of a trial's details. */
export const LABEL = 14;

/** A label and its (hostile) text, wrapped to the width and indented below itself. */
export function field(label: string, text: string, style: Style): string[] {
  const lines = wrap(neutral(text), Math.max(8, style.width - LABEL));
  return lines.map((part, index) => {
    const head = fit(index === 0 ? neutral(label) : '', LABEL);
    return `${paint(head, 'quiet', style.colour)}${part}`.trimEnd();
  });
}

/**
 * Names and values below a label; those with the same first part of their name (`stage1.kernel`, `stage1.op`) stand in
 * one line, which begins with it.
 */
export function fields(label: string, pairs: readonly (readonly [string, string])[], style: Style): string[] {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const dot = name.indexOf('.');
    const [group, rest] = dot > 0 ? [name.slice(0, dot), name.slice(dot + 1)] : ['', name];
    groups.set(group, [...(groups.get(group) ?? []), `${rest} ${value}`]);
  }
  const lines = [...groups].map(([group, texts]) => `${group === '' ? '' : `${group}: `}${texts.join(', ')}`);
  return lines.flatMap((text, index) => field(index === 0 ? label : '', text, style));
}
