import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMs,
  formatPercent,
  ms,
  parseDurationSeconds,
  parseLatency,
  ratio,
} from '../../src/core/index.js';

describe('a latency of a user', () => {
  it.each([
    ['2ms', 2],
    ['2', 2],
    [' 2.5 ms ', 2.5],
    ['800us', 0.8],
    ['800µs', 0.8],
    ['.5s', 500],
    ['2MS', 2],
  ])('%j is %d ms', (text, expected) => expect(parseLatency(text)).toBeCloseTo(expected, 12));

  it.each([
    '',
    '0',
    '0ms',
    '-1ms',
    'ms',
    '2 min',
    '2m s',
    '1e3',
    '1e999',
    '2ms3',
    'NaN',
    'Infinity',
    '2constructor',
  ])('%j is refused', (text) =>
    expect(() => parseLatency(text)).toThrow(expect.objectContaining({ code: 'NAS_BAD_LATENCY' })),
  );
});

describe('a time of a user', () => {
  it.each([
    ['90s', 90],
    ['20m', 1200],
    ['20 min', 1200],
    ['1.5h', 5400],
  ])('%j is %d s', (text, expected) => expect(parseDurationSeconds(text)).toBe(expected));

  it.each(['', '90', '0s', '-1h', '1d', '20ms'])('%j is refused', (text) =>
    expect(() => parseDurationSeconds(text)).toThrow(expect.objectContaining({ code: 'NAS_BAD_TIME' })),
  );
});

describe('a number with a unit', () => {
  it('is made of what the unit allows only', () => {
    expect(ms(0)).toBe(0);
    expect(ratio(1)).toBe(1);
    for (const wrong of [-1, NaN, Infinity]) expect(() => ms(wrong)).toThrow(RangeError);
    for (const wrong of [-0.1, 1.1, NaN]) expect(() => ratio(wrong)).toThrow(RangeError);
  });
});

describe('a number for people', () => {
  it('has three digits that count', () => {
    expect([0, 7, 999, 1000, 1234, 12_345, 999_400, 1_234_567, 5e9].map(formatCount)).toEqual([
      '0',
      '7',
      '999',
      '1k',
      '1.23k',
      '12.3k',
      '999k',
      '1.23M',
      '5G',
    ]);
    expect([0, 1.874, 18.74, 187.4, 0.01874].map(formatMs)).toEqual([
      '0 ms',
      '1.87 ms',
      '18.7 ms',
      '187 ms',
      '0.019 ms',
    ]);
    expect([0, 1023, 1024, 1.5 * 2 ** 30, 2 ** 52].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1 KiB',
      '1.50 GiB',
      '4096 TiB',
    ]);
    expect([0, 0.91234, 1].map(formatPercent)).toEqual(['0.00 %', '91.23 %', '100.00 %']);
  });

  it('of seconds never says 60 of a smaller unit', () => {
    expect([-1, 0, 42.4, 59.6, 200, 3599.4, 3599.6, 3900, 360_000].map(formatDuration)).toEqual([
      ...['0 s', '0 s', '42 s', '1 min 00 s', '3 min 20 s'],
      ...['59 min 59 s', '1 h 00 min', '1 h 05 min', '100 h 00 min'],
    ]);
  });
});
