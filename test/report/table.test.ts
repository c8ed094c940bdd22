import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csv, jsonRows, table, type Column } from '../../src/report/index.js';
import { widthOf } from '../../src/report/terminal/text.js';
import { uncoloured } from './fixtures.js';

interface Row {
  readonly name: string;
  readonly value: number | null;
}
const columns: readonly Column<Row>[] = [
  { title: 'name', value: (row) => row.name, shrinksTo: 4 },
  { title: 'value', value: (row) => row.value, tone: () => 'good' },
  { title: 'twice', value: (row) => (row.value === null ? null : 2 * row.value), optional: 1 },
];
const plain = { width: 40, colour: false };
const rows = fc.array(
  fc.record({
    name: fc.string({ unit: 'binary', maxLength: 50 }),
    value: fc.option(fc.integer(), { nil: null }),
  }),
  { maxLength: 8 },
);

describe('table', () => {
  it('aligns numbers right, text left, and shows what is not there', () => {
    const text = table(
      [
        { name: 'a', value: 7 },
        { name: 'long', value: null },
      ],
      columns,
      plain,
    );
    expect(text.split('\n')).toEqual([
      'name  value  twice',
      '────  ─────  ─────',
      'a         7     14',
      'long      –      –',
    ]);
  });

  it('shrinks, then leaves out, to stay within the width', () => {
    const row = [{ name: 'x'.repeat(60), value: 123456 }];
    expect(table(row, columns, { width: 24, colour: false }).split('\n')[2]).toBe('xxxxxxx…  123456  246912');
    expect(table(row, columns, { width: 16, colour: false }).split('\n')[2]).toBe('xxxxxxx…  123456');
  });

  it('is never wider than asked and never lets data steer the terminal', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 60 }), (data, width) => {
        const text = table(data, columns, { width, colour: false });
        const lines = text.split('\n');
        expect(lines.length).toBe(data.length + 2);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        expect(text).not.toContain('\u001b');
      }),
    );
  });

  it('reads the same without colour', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 60 }), (data, width) => {
        const trimmed = (text: string) => text.split('\n').map((line) => line.trimEnd());
        expect(trimmed(uncoloured(table(data, columns, { width, colour: true })))).toEqual(
          trimmed(table(data, columns, { width, colour: false })),
        );
      }),
    );
  });
});

/** A reader of RFC 4180, for the way back. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n)/y;
  let record: string[] = [];
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

describe('csv', () => {
  it('follows RFC 4180', () => {
    expect(csv([{ a: 'x,y', b: 1.5, c: null, d: 'say "hi"\r\n', e: true }])).toBe(
      'a,b,c,d,e\r\n"x,y",1.5,,"say ""hi""\r\n",true\r\n',
    );
    expect(csv([])).toBe('\r\n');
    expect(csv([], ['a', 'b'])).toBe('a,b\r\n');
  });

  it('keeps formulas from running, numbers unchanged', () => {
    expect(csv([{ a: '=HYPERLINK("x")', b: -1, c: '-1', d: '@x' }])).toBe(
      `a,b,c,d\r\n"'=HYPERLINK(""x"")",-1,'-1,'@x\r\n`,
    );
  });

  it('reads back any text that is no formula', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => !/^[=+\-@\t\r]/.test(value));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), (pairs) => {
        const back = parseCsv(csv(pairs.map(([a, b]) => ({ a, b }))));
        expect(back.slice(1)).toEqual(pairs);
      }),
    );
  });
});

describe('jsonRows', () => {
  it('is one array with a row a line', () => {
    const data = [{ a: 1 }, { a: 'x\ny' }];
    expect(JSON.parse(jsonRows(data))).toEqual(data);
    expect(jsonRows(data).split('\n').length).toBe(4);
    expect(jsonRows([])).toBe('[]');
  });
});
