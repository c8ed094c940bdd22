import { cut, widthOf } from './text.js';

/** How a report is drawn. */
export interface Style {
  /** Columns of the terminal; nothing is printed beyond. */
  readonly width: number;
  /** ANSI colours; without them everything reads as well. */
  readonly colour: boolean;
}

/** What a piece of text stands for; the colours are chosen here once. */
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

/** A line of pieces, each with its own tone, cut to the width as one. */
export function line(
  pieces: readonly (string | readonly [string, Tone | undefined])[],
  style: Style,
): string {
  let left = style.width;
  let text = '';
  for (const piece of pieces) {
    const [plain, tone] = typeof piece === 'string' ? [piece, undefined] : piece;
    const shown = cut(plain, left);
    text += paint(shown, tone, style.colour);
    if (shown !== plain) break;
    left -= widthOf(shown);
  }
  return text;
}
