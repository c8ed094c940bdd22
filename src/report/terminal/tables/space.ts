import type { SpaceDescription } from '../../../space/index.js';
import { line, type Style } from '../style.js';
import { table, type Column } from './table.js';
import { neutral } from '../text.js';

interface ChoiceRow {
  readonly name: string;
  readonly count: number;
  readonly options: string;
}

/** `nas space`: every choice with its options, and the number of networks. */
export function spaceTable(description: SpaceDescription, style: Style): string {
  const { name, input, classes, size, choices, digest } = description;
  const rows = choices.map((choice): ChoiceRow => ({
    name: choice.name,
    count: choice.options.length,
    options: choice.options.join('  '),
  }));
  const columns: readonly Column<ChoiceRow>[] = [
    { title: 'choice', value: (row) => row.name },
    { title: 'n', value: (row) => row.count },
    { title: 'options', value: (row) => row.options, shrinksTo: 8 },
  ];
  const summary = `  ${input.join('×')}, ${classes} classes   ${choices.length} choices, ${sizeText(size)} genomes`;
  return [
    line([[neutral(name), 'title'], summary, [`   ${digest.slice(0, 12)}`, 'quiet']], style),
    '',
    table(rows, columns, style),
  ].join('\n');
}

/** `432`, `12960`, `1.47e13`: sizes beyond a million as a power of ten. */
export function sizeText(size: string): string {
  const digits = size.replace(/^0+(?=\d)/, '');
  if (digits.length <= 7) return digits;
  return `${digits[0]}.${digits.slice(1, 3)}e${digits.length - 1}`;
}
