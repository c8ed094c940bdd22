import { paint, type Tone } from '../style.js';

/** Dots of a cell by column and row, as Unicode numbers them (U+2800 and following). */
const DOTS: readonly (readonly [number, number, number, number])[] = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

/** A picture of dots, two columns and four rows to a character; row 0 is the top. */
export interface BrailleGrid {
  /** In dots. */
  readonly width: number;
  readonly height: number;
  /** Outside of the grid it draws nothing; of two tones in one character the later one stays. */
  dot(column: number, row: number, tone?: Tone): void;
  /** A straight line with both of its ends. */
  line(from: readonly [number, number], to: readonly [number, number], tone?: Tone): void;
  rows(colour: boolean): string[];
}

/** @param columns characters, at least 1 @param lines characters, at least 1 */
export function brailleGrid(columns: number, lines: number): BrailleGrid {
  const bits = new Uint8Array(columns * lines);
  const tones = new Array<Tone | undefined>(columns * lines);
  const grid: BrailleGrid = {
    width: 2 * columns,
    height: 4 * lines,
    dot(column, row, tone) {
      const [x, y] = [Math.round(column), Math.round(row)];
      if (x < 0 || y < 0 || x >= grid.width || y >= grid.height) return;
      const cell = Math.floor(y / 4) * columns + Math.floor(x / 2);
      bits[cell] = (bits[cell] ?? 0) | (DOTS[x % 2]?.[y % 4] ?? 0);
      tones[cell] = tone;
    },
    line(from, to, tone) {
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]))));
      for (let step = 0; step <= steps; step++) {
        const share = step / steps;
        grid.dot(from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1]), tone);
      }
    },
    rows: (colour) =>
      Array.from({ length: lines }, (_, line) => {
        const cells = Array.from({ length: columns }, (__, column) => line * columns + column);
        const text = cells.map((cell) => {
          const set = bits[cell] ?? 0;
          return set === 0 ? ' ' : paint(String.fromCharCode(0x2800 + set), tones[cell], colour);
        });
        return text.join('').trimEnd();
      }),
  };
  return grid;
}
