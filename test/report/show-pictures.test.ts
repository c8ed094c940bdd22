import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brailleGrid } from '../../src/report/terminal/pictures/braille.js';
import { curvePicture } from '../../src/report/terminal/pictures/curve.js';
import { histogramPicture } from '../../src/report/terminal/pictures/histogram.js';
import { widthOf } from '../../src/report/terminal/text.js';
import type { CurvePoint } from '../../src/trials/index.js';
import { uncoloured } from './fixtures.js';

const point = (epoch: number, loss: number, accuracy: number | null = null): CurvePoint => ({
  ...{ epoch, step: Math.round(epoch * 10), loss, trainAccuracy: 0.5, accuracy, seconds: epoch },
});

describe('brailleGrid', () => {
  it('sets the dot of a place and no other', () => {
    const cell = (column: number, row: number): string => {
      const grid = brailleGrid(1, 1);
      grid.dot(column, row);
      return grid.rows(false)[0] ?? '';
    };
    const all = [0, 1].flatMap((column) => [0, 1, 2, 3].map((row) => cell(column, row)));
    expect(all.join('')).toBe('⠁⠂⠄⡀⠈⠐⠠⢀');
    expect(cell(2, 0) + cell(-1, 0) + cell(0, 4)).toBe('');
  });

  it('draws a line through every column, in one tone', () => {
    const grid = brailleGrid(4, 2);
    grid.line([0, 0], [7, 7], 'good');
    expect(grid.rows(false)).toEqual(['⠑⢄', '  ⠑⢄']);
    expect(grid.rows(true).join('')).toContain('\u001b[32m');
    expect(grid.rows(true).map(uncoloured)).toEqual(grid.rows(false));
  });
});

describe('curvePicture', () => {
  const curve = Array.from({ length: 20 }, (_, i) => point(i + 1, 2 / (i + 1), i === 19 ? 0.9 : null));

  it('has lines from three points on, the first and the last in the table', () => {
    const text = curvePicture(curve, { width: 100, colour: false });
    expect(text).toMatch(/━ loss +━ train accuracy {2}━ held-out accuracy/);
    expect(text).toMatch(/[\u2801-\u28ff]/);
    expect(text).toMatch(/^ *1 +10 +2\.0000 /m);
    expect(text).toMatch(/^ *20 +200 +0\.1000 .*90\.00 %/m);
    expect(text).toContain('(12 of 20 points left out)');
    expect(curvePicture(curve.slice(0, 2), { width: 100, colour: false })).not.toMatch(/[\u2801-\u28ff]/);
    expect(curvePicture([], { width: 100, colour: false })).toBe('');
  });

  it('falls where the loss falls: the highest dot is at the left, the lowest at the right', () => {
    const lines = curvePicture(curve, { width: 60, colour: false }).split('\n');
    const dots = lines.flatMap((line, row) =>
      [...line].flatMap((character, column) =>
        character >= '\u2801' && character <= '\u28ff' ? [{ row, column }] : [],
      ),
    );
    const loss = dots.filter(({ row }) => row < 8);
    const [first, last] = [loss[0], loss.at(-1)];
    expect(first?.column).toBeLessThan(last?.column ?? 0);
    expect(first?.row).toBeLessThan(last?.row ?? 0);
  });

  it('fits any width with any numbers, a loss that is none included', () => {
    const any = fc.record({
      epoch: fc.double({ min: 0.01, max: 350, noNaN: true }),
      step: fc.integer({ min: 1, max: 1e6 }),
      loss: fc.double({ max: 1e6 }),
      trainAccuracy: fc.double({ min: 0, max: 1, noNaN: true }),
      accuracy: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(any, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 40, max: 140 }),
        (points, width) => {
          const text = curvePicture(points, { width, colour: false });
          for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
          expect(uncoloured(curvePicture(points, { width, colour: true }))).toBe(text);
        },
      ),
    );
  });
});

describe('histogramPicture', () => {
  const samples = [...Array.from({ length: 50 }, (_, i) => 1 + i / 100), 1.9];
  const marks = { median: 1.25, low: 1.2, high: 1.3, p90: 1.45 };

  it('stands each mark below its value', () => {
    const lines = histogramPicture(samples, marks, 50, false);
    expect(lines).toHaveLength(6);
    const margin = (lines[0] ?? '').indexOf('▕') + 1;
    const under = (lines[4] ?? '').slice(margin);
    const place = (value: number): number =>
      Math.floor(((value - 1) / (Number(/([\d.]+) ms$/.exec(lines[5] ?? '')?.[1]) - 1)) * 50);
    for (const [sign, value] of [
      ['├', 1.2],
      ['▲', 1.25],
      ['┤', 1.3],
      ['△', 1.45],
    ] as const)
      expect(Math.abs(under.indexOf(sign) - place(value))).toBeLessThanOrEqual(1);
  });

  it('loses no sample: a bin with anything in it shows, the slowest is in the last', () => {
    const lines = histogramPicture([...samples, ...samples, ...samples, 50], marks, 50, false);
    const bottom = lines[3] ?? '';
    expect(bottom.at(-1)).not.toBe(' ');
    expect(bottom.length).toBe((lines[0] ?? '').indexOf('▕') + 1 + 50);
  });

  it('draws samples that are all equal', () => {
    const same = { median: 2, low: 2, high: 2, p90: 2 };
    expect(histogramPicture([2, 2, 2, 2, 2], same, 10, false).join('\n')).toContain('▲');
  });
});
