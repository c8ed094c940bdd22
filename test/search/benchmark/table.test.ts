import { describe, expect, it } from 'vitest';
import { cell, COLUMNS, madeUpCsv, tableOf } from './tables.js';

const CELL = cell([3, 0, 1, 2, 4, 3]);
const OTHER = cell([0, 0, 0, 0, 0, 0]);

describe('a benchmark table', () => {
  it('has a genome for each cell, by edge in the order in which it is written', () => {
    const table = tableOf(`arch,short,final,ms\n${CELL},60,90.5,2.25\n`);
    expect(CELL).toBe(
      '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|',
    );
    expect(table.entries).toEqual([{ genome: [3, 0, 1, 2, 4, 3], short: 60, final: 90.5, latencyMs: 2.25 }]);
    expect(table.entryOf([3, 0, 1, 2, 4, 3])).toBe(table.entries[0]);
    expect(table.entryOf([3, 0, 1, 2, 4, 4])).toBeUndefined();
  });

  it('takes the columns in any order, among others', () => {
    const table = tableOf(`ms,note,final,arch,short\n2,"a, b",90,${CELL},60\n`);
    expect(table.entries[0]).toMatchObject({ short: 60, final: 90, latencyMs: 2 });
  });

  it('takes shares of 1 as well, column by column', () => {
    const table = tableOf(`arch,short,final,ms\n${CELL},0.6,90,2\n${OTHER},0.5,10,0\n`);
    expect(table.entries.map(({ short, final }) => [short, final])).toEqual([
      [60, 90],
      [50, 10],
    ]);
  });

  it('holds all of a large one', () => {
    expect(tableOf(madeUpCsv()).entries).toHaveLength(15_625);
  });

  it.each<[string, string, string, RegExp]>([
    ['an unknown column', 'a,short,final,ms\n', 'NAS_BENCHMARK_COLUMN', /column "arch".*a, short, final, ms/],
    ['a column twice', 'arch,short,final,ms,ms\n', 'NAS_BENCHMARK_COLUMN', /"ms" twice.*fix: rename/],
    ['no rows', 'arch,short,final,ms\n', 'NAS_BENCHMARK_ROW', /without rows.*a row for each/],
    ['an empty file', '', 'NAS_BENCHMARK_COLUMN', /column "arch"/],
    [
      'a short row',
      `arch,short,final,ms\n${CELL},1,2\n`,
      'NAS_BENCHMARK_ROW',
      /line 2: 3 fields.*expected 4/,
    ],
    [
      'a word',
      `arch,short,final,ms\n${CELL},x,2,3\n`,
      'NAS_BENCHMARK_ROW',
      /line 2: "x" in column short.*0 to 100/,
    ],
    ['nothing', `arch,short,final,ms\n${CELL},1,,3\n`, 'NAS_BENCHMARK_ROW', /line 2: "" in column final/],
    [
      'NaN',
      `arch,short,final,ms\n${CELL},1,2,NaN\n`,
      'NAS_BENCHMARK_ROW',
      /"NaN" in column ms.*latency in ms/,
    ],
    [
      'infinity',
      `arch,short,final,ms\n${CELL},1,2,Infinity\n`,
      'NAS_BENCHMARK_ROW',
      /"Infinity" in column ms/,
    ],
    ['less than nothing', `arch,short,final,ms\n${CELL},1,2,-3\n`, 'NAS_BENCHMARK_ROW', /"-3" in column ms/],
    ['more than all', `arch,short,final,ms\n${CELL},1,101,3\n`, 'NAS_BENCHMARK_ROW', /"101" in column final/],
    [
      'the same network twice',
      `arch,short,final,ms\n${CELL},1,2,3\n${OTHER},1,2,3\n${CELL},1,2,4\n`,
      'NAS_BENCHMARK_ROW',
      /lines 2 and 4: the same architecture/,
    ],
    [
      'an operation of another space',
      `arch,short,final,ms\n${CELL.replace('avg_pool', 'max_pool')},1,2,3\n`,
      'NAS_BENCHMARK_ROW',
      /line 2: operation "max_pool_3x3".*none, skip_connect.*--arch-column/,
    ],
    [
      'an edge from another node',
      `arch,short,final,ms\n${CELL.replace('1|+', '0|+')},1,2,3\n`,
      'NAS_BENCHMARK_ROW',
      /line 2: edge "skip_connect~0"/,
    ],
    [
      'a network of another space',
      'arch,short,final,ms\n"[1, 2, 3]",1,2,3\n',
      'NAS_BENCHMARK_ROW',
      /line 2: not a cell of NAS-Bench-201 in "\[1, 2, 3\]"/,
    ],
  ])('refuses %s', (_, text, code, message) => {
    expect(() => tableOf(text)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });

  it('refuses one column for two purposes, but for a final accuracy that is the one searched by', () => {
    const text = `arch,short,final,ms\n${CELL},4,5,6\n`;
    const code = expect.objectContaining({ code: 'NAS_BENCHMARK_COLUMN' }) as Error;
    expect(() => tableOf(text, { ...COLUMNS, latency: 'short' })).toThrow(code);
    expect(() => tableOf(text, { ...COLUMNS, final: 'ms' })).toThrow(code);
    expect(tableOf(text, { ...COLUMNS, final: 'short' }).entries[0]?.final).toBe(4);
  });
});
