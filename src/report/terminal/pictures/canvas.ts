import { paint, type Tone } from '../style.js';

interface Painted {
  readonly character: string;
  readonly tone: Tone | undefined;
  readonly rank: number;
}

/** A grid of characters; row 0 is the top. Of two characters in one place the one of higher rank stays. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Outside of the grid it draws nothing. */
  put(column: number, row: number, character: string, tone?: Tone, rank?: number): void;
  at(column: number, row: number): string;
  rows(colour: boolean): string[];
}

export function createCanvas(width: number, height: number): Canvas {
  const cells = new Map<number, Painted>();
  return {
    width,
    height,
    put(column, row, character, tone, rank = 0) {
      if (column < 0 || row < 0 || column >= width || row >= height) return;
      const key = row * width + column;
      const there = cells.get(key);
      if (!there || there.rank <= rank) cells.set(key, { character, tone, rank });
    },
    at: (column, row) => cells.get(row * width + column)?.character ?? ' ',
    rows: (colour) =>
      Array.from({ length: height }, (_, row) => {
        const line = Array.from({ length: width }, (__, column) => cells.get(row * width + column));
        return paintedRuns(line.slice(0, line.findLastIndex((cell) => cell !== undefined) + 1), colour);
      }),
  };
}

/** Neighbours of one tone share one pair of escape sequences. */
function paintedRuns(cells: readonly (Painted | undefined)[], colour: boolean): string {
  let text = '';
  let run = '';
  let tone: Tone | undefined;
  for (const cell of cells) {
    if (cell?.tone !== tone) {
      text += paint(run, tone, colour);
      run = '';
      tone = cell?.tone;
    }
    run += cell?.character ?? ' ';
  }
  return text + paint(run, tone, colour);
}
