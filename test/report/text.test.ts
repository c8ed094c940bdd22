import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, fit, neutral, widthOf, wrap } from '../../src/report/terminal/text.js';
import { axisOf } from '../../src/report/terminal/pictures/ticks.js';
import { bar } from '../../src/report/terminal/pictures/bars.js';

const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('text', () => {
  it('makes escape sequences, line breaks and direction marks visible', () => {
    expect(neutral('a\u001b[31mb\r\nc\u202ed\u009be')).toBe('a␛[31mb␍␊c\ufffdd\ufffde');
    expect(neutral('ünïcode → 中文 ok')).toBe('ünïcode → 中文 ok');
  });

  it('leaves no control, format or half character in any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(neutral(text)).not.toMatch(
          /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]|\p{Surrogate}/u,
        );
      }),
    );
  });

  it('counts columns of wide and combining characters', () => {
    expect(widthOf('abc')).toBe(3);
    expect(widthOf('中文')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
    expect(widthOf('█▏★─')).toBe(4);
  });

  it('cuts and fills to exactly the width', () => {
    expect(cut('abcdef', 4)).toBe('abc…');
    expect(cut('中文字', 4)).toBe('中…');
    expect(fit('ab', 4, 'right')).toBe('  ab');
    fc.assert(
      fc.property(anyText.map(neutral), fc.integer({ min: 0, max: 20 }), (text, width) => {
        expect(widthOf(fit(text, width))).toBe(width);
      }),
    );
  });

  it('wraps without losing anything but spaces', () => {
    fc.assert(
      fc.property(anyText.map(neutral), fc.integer({ min: 2, max: 30 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});

describe('axis', () => {
  it('has round ticks inside its range', () => {
    expect(axisOf(0.87, 0.92, 5).ticks.map((tick) => tick.toFixed(2))).toEqual([
      '0.87',
      '0.88',
      '0.89',
      '0.90',
      '0.91',
      '0.92',
    ]);
    expect(axisOf(0, 10, 4)).toMatchObject({ ticks: [0, 2.5, 5, 7.5, 10], decimals: 1 });
    expect(axisOf(3, 3, 4).ticks.length).toBeGreaterThan(1);
    // Apart by the last bit of a double only.
    expect(axisOf(9999.999999999975, 9999.999999999976, 4).ticks.length).toBeLessThan(20);
  });

  it('distinguishes neighbouring ticks when printed, for any range', () => {
    const positive = fc.double({ min: 1e-4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 2, max: 9 }), (low, extent, count) => {
        const axis = axisOf(low, low + Math.max(extent, low * 1e-3), count);
        const printed = axis.ticks.map((tick) => tick.toFixed(axis.decimals));
        expect(new Set(printed).size).toBe(axis.ticks.length);
        expect(axis.ticks.length).toBeGreaterThanOrEqual(1);
        expect(axis.ticks.length).toBeLessThanOrEqual(count + 1);
        for (const [index, tick] of axis.ticks.entries())
          expect(Math.abs(Number(printed[index]) - tick)).toBeLessThan(1e-9 * Math.max(1, tick));
      }),
    );
  });
});

describe('bars', () => {
  it('are proportional to an eighth of a column', () => {
    expect(bar(0, 8)).toBe('');
    expect(bar(1, 4)).toBe('████');
    expect(bar(0.5, 3)).toBe('█▌');
    expect(bar(0.001, 4)).toBe('▏');
    expect(bar(7, 2)).toBe('██');
  });
});
