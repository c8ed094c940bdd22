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
    const { table, passedOver } = importTable(fixture('proxylessnas.yaml'), 'phone');
    expect(passedOver).toEqual(['something-else-input:1x2x3-output:4']);
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

  it('is not used for another activation or skip: those blocks are interpolated and told', () => {
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
    ['aliases', 'a: &a [1]\nb: *a\n'],
    ['a latency that is none', 'Conv-input:224x224x3-output:112x112x32: {mean: .inf}\n'],
    ['a negative latency', 'Conv-input:224x224x3-output:112x112x32: {mean: -1}\n'],
    ['a shape beyond all bounds', 'Conv-input:9999999x1x3-output:112x112x32: {mean: 1}\n'],
  ])('is refused: %s', (_, text) => {
    expect(() => importTable(text, 'phone')).toThrow(/phone is no foreign latency table/);
  });
});
