import { cut, neutral, widthOf } from './text.js';

/** How a report is drawn. */
export interface Style {
  /** Columns of the terminal; nothing is printed beyond. */
  readonly width: number;
  /** ANSI colours; without them everything reads as well. */
  readonly colour: boolean;
}

/** What a part of a text stands for; the colours are chosen here once. */
export type Tone = 'title' | 'quiet' | 'good' | 'bad' | 'mark' | 'accent' | 'warm';

const CODES: Readonly<Record<Tone, string>> = {
  title: '1',
  quiet: '2',
  good: '32',
  bad: '31',
  mark: '1;33',
  accent: '36',
  warm: '35',
};

/** The text in its tone; unchanged without colour or tone. The text must be neutral already. */
export function paint(text: string, tone: Tone | undefined, colour: boolean): string {
  if (!colour || tone === undefined || text === '') return text;
  return `\u001b[${CODES[tone]}m${text}\u001b[0m`;
}

/** What {@link paint} writes, and ends of lines. */
const OURS = new RegExp(`(\\r?\\n|\u001b\\[(?:0|${Object.values(CODES).join('|')})m)`);
const LINE_END = /(\r?\n)/;

/**
 * Neutral text for a terminal, from any source: lines stay lines and, with colour, tones stay. The last resort
 * where text leaves; it changes nothing that is neutral already.
 */
export function terminalText(text: string, colour: boolean): string {
  return text
    .split(colour ? OURS : LINE_END)
    .map((part, i) => (i % 2 === 0 ? neutral(part) : part))
    .join('');
}

/** A line of parts, each with its own tone, cut to the width as one. */
export function line(parts: readonly (string | readonly [string, Tone | undefined])[], style: Style): string {
  let left = style.width;
  let text = '';
  for (const part of parts) {
    const [plain, tone] = typeof part === 'string' ? [part, undefined] : part;
    const shown = cut(plain, left);
    text += paint(shown, tone, style.colour);
    if (shown !== plain) break;
    left -= widthOf(shown);
  }
  return text;
}
