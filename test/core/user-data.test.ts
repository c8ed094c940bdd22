import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, parseUserJson, parseUserYaml, readUserText } from '../../src/core/index.js';

const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
const bigEndian = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16();

describe('the text of a user’s file', () => {
  it('is read in UTF-8 and UTF-16, with a byte-order mark and without', () => {
    const text = 'größe: 1\n';
    for (const written of [
      bytes(text),
      bytes([0xef, 0xbb, 0xbf], text),
      Buffer.from(text, 'utf16le'),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      bigEndian(text),
      bigEndian(`\ufeff${text}`),
    ])
      expect(decodeText(written)).toEqual({ value: text });
    expect(decodeText(bytes())).toEqual({ value: '' });
  });

  it.each([
    ['Latin-1', bytes('a: 1\nb: ', [0xe9], '\n'), /^line 2: neither UTF-8 nor UTF-16; save it in UTF-8$/],
    ['UTF-32', bytes([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), /^line 1: text in UTF-32/],
    ['zeros', bytes([0, 0, 0, 0]), /^line 1: text in UTF-32, or no text/],
    ['half a letter', bytes([0xff, 0xfe, 0x61, 0, 0x0a, 0, 0x61]), /^line 2: broken UTF-16/],
  ])('is refused in %s, with the line', (_, written, fault) => {
    expect(decodeText(written)).toMatchObject({ fault: expect.stringMatching(fault) as string });
  });

  it('is read up to a length, of anything readable', () => {
    const folder = mkdtempSync(join(tmpdir(), 'user-text-'));
    try {
      const file = join(folder, 'a.txt');
      writeFileSync(file, 'x'.repeat(100_000));
      expect(readUserText(file, 100_000)).toEqual({ value: 'x'.repeat(100_000) });
      expect(readUserText(file, 99_999)).toMatchObject({ fault: '100000 bytes, more than 97.7 KiB' });
      expect(readUserText('/dev/zero', 1000)).toMatchObject({ fault: expect.any(String) as string });
      expect(readUserText(folder, 1000)).toMatchObject({ unreadable: true });
      expect(readUserText(join(folder, 'none'), 1000)).toMatchObject({ unreadable: true });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('JSON of a user', () => {
  it('is what JSON.parse reads, or refused where that refuses', () => {
    const broken = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', '"', ',', '}', ']', '1', '\\', '\n', 'e', ':'),
    );
    fc.assert(
      fc.property(broken, ([json, at, put]) => {
        const place = at % (json.length + 1);
        const text = json.slice(0, place) + put + json.slice(place + 1);
        let expected: unknown;
        try {
          expected = { value: JSON.parse(text) as unknown };
        } catch {
          expected = undefined;
        }
        const found = parseUserJson(text);
        if (expected !== undefined && 'fault' in found) expect(found.fault).toMatch(/is there twice$/);
        else if (expected !== undefined) expect(found).toEqual(expected);
        else expect(found).toMatchObject({ fault: expect.stringMatching(/^line \d+: /) as string });
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['{"a": 1,\r\n "b": 2,\r\n "\\u0061": 3}', 'line 3: the key "a" is there twice'],
    ['{"a": {"b": 1}, "c": [{"b": 1,\n"b": 2}]}', 'line 2: the key "b" is there twice'],
    ['{"a": 1,\n}', 'line 2: "}" stands where a key in double quotes is expected'],
    ['{"a": NaN}', 'line 1: "N" stands where a value is expected'],
    ['{"a": 1', 'line 1: the text ends where "," or "}" is expected'],
    ['{"a\n": 1}', 'line 1: a line end or control character stands in a string'],
    ['{"a": 1}\n{"b": 2}', 'line 2: "{" stands behind the end of the data'],
    ['', 'line 1: the text ends where a value is expected'],
    [`${'['.repeat(101)}${']'.repeat(101)}`, 'line 1: nested deeper than 100'],
  ])('is refused with the line: %j', (text, fault) => {
    expect(parseUserJson(text)).toEqual({ fault });
  });

  it('may begin with a byte-order mark', () => {
    expect(parseUserJson('\ufeff{"a": 1}')).toEqual({ value: { a: 1 } });
  });
});

describe('YAML of a user', () => {
  it('is read with aliases, in Windows lines, and in the types of YAML 1.2', () => {
    const text = '\ufeffbase: &base [1, 2]\r\nagain: *base\r\nword: yes\r\nempty:\r\nwide: .inf\r\n';
    const value = { base: [1, 2], again: [1, 2], word: 'yes', empty: null, wide: Infinity };
    expect(parseUserYaml(text)).toEqual({ value });
    expect(parseUserYaml('')).toEqual({ value: null });
    expect(parseUserYaml('{"a": 1}')).toEqual({ value: { a: 1 } });
    expect(parseUserYaml('{a: 1}')).toEqual({ value: { a: 1 } });
  });

  it.each([
    ['a: 1\nb: 2\na: 3\n', /^line 3: a key is there twice$/],
    ['{a: 1,\n a: 2}', /^line 2: a key is there twice$/],
    ['{"a": 1,\n "a": 2}', /^line 2: a key is there twice$/],
    ['a: 1\n\tb: 2\n', /^line 2: .*tab/],
    ['a: [1,\nb: }', /^line 2: /],
    ['a: "open\n', /^line \d: /],
    ['a: 1\n---\nb: 2\n', /single document/],
    ['a: *missing\n', /^line 1: unidentified alias/],
    ['a: !strange 1\n', /^line 1: unknown tag/],
    ['a: &a [*a]\n', /an alias may hold itself/],
    ['? {a: 1}\n: 2\n', /a map stands where a key is expected/],
    ['a: \u0000\n', /null byte/],
    ['- '.repeat(200), /^line 1: nesting exceeded/],
  ])('is refused with the line: %j', (text, fault) => {
    expect(parseUserYaml(text)).toMatchObject({ fault: expect.stringMatching(fault) as string });
  });

  it('is refused where aliases multiply', () => {
    const bomb = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
    ].join('\n');
    expect(parseUserYaml(bomb)).toMatchObject({
      fault: expect.stringMatching(/more than 2000000 values/) as string,
    });
  });

  it('is refused or read in a time that grows with its length alone', () => {
    // Each of these took the parser before this one seconds to minutes, or all memory.
    const refused = [
      '"',
      '[',
      '{',
      '{a: ',
      '- ',
      '? ',
      ': ',
      '&a ',
      '*a ',
      '!a ',
      '"" ',
      ', ',
      'k: &x [*x]\n',
    ];
    const whole = ["'", ' \n', '#\n'];
    const faulty = [...refused, ...whole].filter((part) => {
      const text = part.repeat(2 * Math.floor(131_000 / part.length));
      return 'fault' in parseUserYaml(text);
    });
    expect(faulty).toEqual(refused);
  }, 10_000);
});
