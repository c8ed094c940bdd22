import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkTable, importTable, tableModel, tableText } from '../../../src/latency/index.js';
import { buildNetwork } from '../../../src/network/index.js';
import { parseArchitecture } from '../../../src/space/index.js';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const PROXYLESS =
  'nas1:224x224x3 cn_k3_s2_c32_r6 ds_k3_s1_c16_r6 ir_k3_s2_e96_c24_r6 ir_k5_s1_e72_c24_r6 cn_k1_s1_c64_r6 gap fc_c1000_id';
const OFA =
  'nas1:160x160x3 cn_k3_s2_c16_hs ds_k3_s1_c16_re ir_k5_s2_e72_c24_se24_hs cn_k1_s1_c144_hs gap fc_c256_hs fc_c1000_id';
const lookUp = (text: string, architecture: string) =>
  tableModel(importTable(text, 'phone').table).lookUp(buildNetwork(parseArchitecture(architecture)));

describe('a table of ProxylessNAS', () => {
  it('is read with its units, spreads and block forms', () => {
    const { table, found, passedOver } = importTable(fixture('proxylessnas.yaml'), 'phone');
    expect(passedOver).toEqual([
      { key: 'something-else-input:1x2x3-output:4', why: 'its key has none of the known forms' },
    ]);
    expect(found).toBe(7);
    expect(table).toMatchObject({ source: 'proxylessnas', grain: 'blocks', fingerprint: null, planned: 6 });
    expect(Object.keys(table.entries)).toEqual([
      '224x224x3 conv3s2:32:r6',
      '112x112x32 dw3:r6 conv1:16:id',
      '112x112x16 conv1:96:r6 dw3s2:r6 conv1:24:id',
      '56x56x24 conv1:72:r6 dw5:r6 conv1:24:id add',
      '56x56x24 conv1:64:r6',
      '56x56x64 gap dense:1000:id',
    ]);
    const { ms, lowMs, highMs, runs } = table.entries['224x224x3 conv3s2:32:r6'] ?? {
      ms: 0,
      lowMs: 0,
      highMs: 0,
      runs: 0,
    };
    expect([ms, runs]).toEqual([4, 154]);
    // ± 1.96 · 0.2 / √154
    expect(highMs - lowMs).toBeCloseTo((2 * 1.96 * 0.2) / Math.sqrt(154));
  });

  it('adds up to what its own code adds up to', () => {
    const found = lookUp(fixture('proxylessnas.yaml'), PROXYLESS);
    expect(found.interpolated).toEqual([]);
    expect(found.medianMs).toBeCloseTo(4 + 2.5 + 5 + 3.25 + 1.5 + 0.75);
  });

  it('is not used for another activation or skip: those blocks are interpolated and reported', () => {
    const other = PROXYLESS.replace('e72_c24_r6', 'e72_c24_r6_noskip').replace('e96_c24_r6', 'e96_c24_hs');
    expect(lookUp(fixture('proxylessnas.yaml'), other).interpolated).toEqual([
      '112x112x16 conv1:96:hs dw3s2:hs conv1:24:id',
      '56x56x24 conv1:72:r6 dw5:r6 conv1:24:id',
    ]);
  });
});

describe('a table of Once-for-All', () => {
  it('is read with widths, squeeze-and-excite and h-swish', () => {
    const { table, passedOver } = importTable(fixture('once-for-all.json'), 'phone');
    expect(passedOver).toEqual([]);
    expect(table.source).toBe('once-for-all');
    expect(Object.keys(table.entries)).toEqual([
      '160x160x3 conv3s2:16:hs',
      '80x80x16 dw3:re conv1:16:id add',
      '80x80x16 conv1:72:hs dw5s2:hs se:24:hsig conv1:24:id',
      '40x40x24 conv1:144:hs',
      '40x40x144 gap',
      '1x1x144 dense:256:hs',
      '1x1x256 dense:1000:id',
    ]);
  });

  it('adds up to what its own code adds up to, and says that nothing was held against it', () => {
    const found = lookUp(fixture('once-for-all.json'), OFA);
    expect(found.interpolated).toEqual([]);
    expect(found.medianMs).toBeCloseTo(0.5 + 0.4 + 0.9 + 0.3 + 0.1 + 0.05 + 0.15);
    const { table } = importTable(fixture('once-for-all.json'), 'phone');
    const record = tableModel(table).predict(parseArchitecture(OFA));
    expect(record).toMatchObject({
      source: 'table',
      lacking: ['the table was held against no measured network'],
    });
  });

  it('becomes a table of ours that reads back the same', () => {
    const { table } = importTable(fixture('once-for-all.json'), 'phone');
    expect(checkTable(JSON.parse(tableText(table)), 'copy')).toEqual(table);
  });
});

describe('what is no foreign table', () => {
  it.each([
    ['empty', ''],
    ['a list', '- 1\n- 2\n'],
    ['a text', 'hello'],
    ['other keys', 'a: 1\nb: {mean: 2}\n'],
    ['broken JSON', '{"Conv-input:'],
    ['broken YAML', 'a: [1,\nb: }'],
    ['aliases that hold themselves', 'a: &a [*a]\n'],
    ['a latency that is none', 'Conv-input:224x224x3-output:112x112x32: {mean: .inf}\n'],
    ['a negative latency', 'Conv-input:224x224x3-output:112x112x32: {mean: -1}\n'],
    ['a shape beyond all bounds', 'Conv-input:9999999x1x3-output:112x112x32: {mean: 1}\n'],
  ])('is refused: %s', (_, text) => {
    expect(() => importTable(text, 'phone')).toThrow(/phone is no foreign latency table/);
  });
});

const BLOCK = (height: number) => `Conv_1-input:${height}x${height}x24-output:${height}x${height}x64`;

describe('an entry of a foreign table', () => {
  const keysOf = (text: string) => Object.keys(importTable(text, 'phone').table.entries);

  it('is read through aliases, in Windows lines and with a byte-order mark', () => {
    const text = `\ufeff${BLOCK(7)}: &same\r\n  mean: 1.5\r\n  count: 3\r\n${BLOCK(8)}: *same\r\n`;
    const { table, found, passedOver } = importTable(text, 'phone');
    expect(Object.values(table.entries).map(({ ms, runs }) => [ms, runs])).toEqual([
      [1.5, 3],
      [1.5, 3],
    ]);
    expect([found, passedOver]).toEqual([2, []]);
  });

  it.each([
    ['-1', 'mean is -1, not a number of ms from 0 to 1000000000'],
    ['.nan', 'mean is NaN, not a number of ms from 0 to 1000000000'],
    ['.inf', 'mean is Infinity, not'],
    ['1e12', 'mean is 1000000000000, not'],
    ['1.5 ms', 'mean is "1.5 ms", not'],
    ['{count: 3}', 'mean is nothing, not'],
    ['{mean: 1, count: -3}', 'count is -3, not a number from 0'],
    ['{mean: 1, std: wide}', 'std is "wide", not'],
    ['null', 'mean is null, not'],
    ['[1, 2]', 'mean is nothing, not'],
  ])('that says %s is not read, and why', (written, why) => {
    const { table, found, passedOver } = importTable(`${BLOCK(7)}: 1\n${BLOCK(8)}: ${written}\n`, 'phone');
    expect(Object.keys(table.entries)).toEqual(['7x7x24 conv1:64:r6']);
    expect(found).toBe(2);
    expect(passedOver).toMatchObject([{ key: BLOCK(8), why: expect.stringContaining(why) as string }]);
  });

  it.each([
    ['Conv_9-input:7x7x24-output:7x7x64', 'no block is called "Conv_9"'],
    ['expanded_conv-input:7x7x24-output:7x7x24', 'no expand or no kernel'],
    ['expanded_conv-input:7x7x24-output:7x7x24-expand:3-kernel:4-stride:1-idskip:0', 'do not fit each other'],
    ['expanded_conv-input:7x7x24-output:5x5x24-expand:3-kernel:3-stride:1-idskip:0', 'its output is 5x5'],
    ['hello', 'none of the known forms'],
  ])('with the key %s is not read, and why', (key, why) => {
    const { passedOver } = importTable(`${BLOCK(7)}: 1\n${key}: 1\n`, 'phone');
    expect(passedOver).toMatchObject([{ key, why: expect.stringContaining(why) as string }]);
  });

  it('that is there twice is refused with its line, in YAML and JSON', () => {
    const yaml = `${BLOCK(7)}: 1\n${BLOCK(8)}: 1\n${BLOCK(7)}: 2\n`;
    expect(() => importTable(yaml, 'phone')).toThrow(/phone is no foreign.* line 3: a key is there twice/);
    const json = `{"${BLOCK(7)}": 1,\n"${BLOCK(7)}": 2}`;
    expect(() => importTable(json, 'phone')).toThrow(/line 2: .* twice/);
  });

  it('whose block another key has too is refused where the two disagree', () => {
    const twice = (ms: number) => `Logits-input:1x1x24-output:9: 1\nLogits-input:01x1x24-output:9: ${ms}\n`;
    expect(() => importTable(twice(2), 'phone')).toThrow(/are one block and have two latencies/);
    expect(keysOf(twice(1))).toEqual(['1x1x24 dense:9:r6'.replace('r6', 'id')]);
  });

  it('after one that is broken is never dropped: the whole is refused with the line', () => {
    const broken = `${BLOCK(7)}: 1\n${BLOCK(8)}: {mean: 1\n${BLOCK(9)}: 1\n`;
    expect(() => importTable(broken, 'phone')).toThrow(/no foreign latency table: line \d/);
    expect(() => importTable(`${BLOCK(7)}: 1\n\t${BLOCK(8)}: 1\n`, 'phone')).toThrow(/line 2/);
  });

  it('may be one of tens of thousands, imported and asked without a square of their number', () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, i) => `${BLOCK(7).replace('x64', `x${i + 1}`)}: {mean: ${1 + i / 1000}}`,
    );
    const { table } = importTable(lines.join('\n'), 'phone');
    expect(Object.keys(table.entries)).toHaveLength(30_000);
    const network = buildNetwork(
      parseArchitecture('nas1:14x14x3 cn_k3_s2_c24_r6 cn_k1_s1_c9_hs gap fc_c5_id'),
    );
    expect(tableModel(table).lookUp(network).interpolated.length).toBeGreaterThan(0);
  }, 60_000);
});
