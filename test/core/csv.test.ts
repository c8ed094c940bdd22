import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parseCsv } from '../../src/core/index.js';

const fieldsOf = (text: string): unknown => {
  const read = parseCsv(text);
  return 'value' in read ? read.value.map(({ fields }) => fields) : read.fault;
};

describe('parseCsv', () => {
  it.each<[string, string, unknown]>([
    [
      'plain fields, blanks around them left out',
      'a, b ,c\n1,2,3\n',
      [
        ['a', 'b', 'c'],
        ['1', '2', '3'],
      ],
    ],
    [
      'Windows line ends, none at the end',
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['quoted commas, quotes and line ends', '"a,b","say ""x""","1\n2"\n', [['a,b', 'say "x"', '1\n2']]],
    ['blanks in quotes', '" a "\n', [[' a ']]],
    [
      'empty fields',
      ',a,\n,',
      [
        ['', 'a', ''],
        ['', ''],
      ],
    ],
    ['an empty field in quotes', '"",b\n', [['', 'b']]],
    ['no empty lines', '\n\na\n\n', [['a']]],
    ['nothing', '', []],
    ['no quote left open', 'a\n"b\nc', 'line 2: a quote that does not end'],
    ['no text behind a quote', 'a\n"b"c\n', 'line 2: text behind a closing quote'],
  ])('reads %s', (_, text, expected) => {
    expect(fieldsOf(text)).toEqual(expected);
  });

  it('names the line in which a row begins', () => {
    const read = parseCsv('a\n\n"1\n2",x\r\nb\n');
    expect('value' in read && read.value.map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  it('reads back whatever is quoted', () => {
    const rows = fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { minLength: 1 });
    fc.assert(
      fc.property(rows, (given) => {
        const text = given
          .map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(','))
          .join('\r\n');
        expect(fieldsOf(text)).toEqual(given);
      }),
    );
  });
});
