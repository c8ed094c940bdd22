import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  architectureFromJson,
  classesOf,
  formatArchitecture,
  layersOf,
  maddsOf,
  paramsOf,
  parseArchitecture,
  toJson,
  type Layer,
} from '../../src/space/index.js';
import { architectures } from './arbitrary.js';

const rows = (text: string) =>
  layersOf(parseArchitecture(text)).map((layer) => [
    layer.name,
    layer.op,
    layer.out.join('x'),
    ...layer.from,
  ]);

describe('layersOf', () => {
  it('lowers an inverted bottleneck with squeeze-and-excite and a residual', () => {
    expect(rows('nas1:9x9x8 ir_k3_s1_e16_c8_se4_hs gap fc_c2_id')).toEqual([
      ['0.expand', 'conv', '9x9x16', 'input'],
      ['0.depthwise', 'dwconv', '9x9x16', '0.expand'],
      ['0.squeeze', 'gap', '1x1x16', '0.depthwise'],
      ['0.reduce', 'dense', '1x1x4', '0.squeeze'],
      ['0.excite', 'dense', '1x1x16', '0.reduce'],
      ['0.scale', 'scale', '9x9x16', '0.depthwise', '0.excite'],
      ['0.project', 'conv', '9x9x8', '0.scale'],
      ['0.add', 'add', '9x9x8', '0.project', 'input'],
      ['1.pool', 'gap', '1x1x8', '0.add'],
      ['2.dense', 'dense', '1x1x2', '1.pool'],
    ]);
  });

  it('pools and pads a skip that is strided and grows', () => {
    expect(rows('nas1:9x9x4 ds_k3_s2_c8_re_skippool gap fc_c2_id').slice(0, 5)).toEqual([
      ['0.depthwise', 'dwconv', '5x5x4', 'input'],
      ['0.project', 'conv', '5x5x8', '0.depthwise'],
      ['0.skip', 'avgpool', '5x5x4', 'input'],
      ['0.pad', 'pad', '5x5x8', '0.skip'],
      ['0.add', 'add', '5x5x8', '0.project', '0.pad'],
    ]);
  });

  it.each([
    ['cn_k3_s1_c4_re', ['0.conv', '0.add']],
    ['cn_k3_s1_c4_re_noskip', ['0.conv']],
    ['cn_k3_s2_c4_re', ['0.conv']],
    ['cn_k3_s1_c5_re', ['0.conv']],
    ['cn_k3_s1_c4_re_skippool', ['0.conv', '0.skip', '0.add']],
    ['cn_k3_s1_c5_re_skippool', ['0.conv', '0.skip', '0.pad', '0.add']],
    ['cn_k3_s1_c3_re_skippool', ['0.conv']],
  ])('gives %s behind 4 channels the layers %j', (block, names) => {
    const layers = layersOf(parseArchitecture(`nas1:8x8x4 ${block} gap fc_c2_id`));
    expect(layers.filter((layer) => layer.block === 0).map((layer) => layer.name)).toEqual(names);
  });

  it('counts by hand', () => {
    const layers = layersOf(parseArchitecture('nas1:9x9x3 cn_k3_s2_c4_re ds_k5_s1_c6_se2_re gap fc_c10_id'));
    const costs = Object.fromEntries(layers.map((layer) => [layer.name, [layer.params, layer.madds]]));
    expect(costs).toEqual({
      '0.conv': [9 * 3 * 4 + 8, 25 * 9 * 3 * 4],
      '1.depthwise': [25 * 4 + 8, 25 * 25 * 4],
      '1.squeeze': [0, 0],
      '1.reduce': [4 * 2 + 2, 4 * 2],
      '1.excite': [2 * 4 + 4, 2 * 4],
      '1.scale': [0, 0],
      '1.project': [4 * 6 + 12, 25 * 4 * 6],
      '2.pool': [0, 0],
      '3.dense': [6 * 10 + 10, 6 * 10],
    });
  });

  it('is consistent for every architecture', () => {
    fc.assert(
      fc.property(architectures(), (architecture) => {
        const known = new Map<string, Pick<Layer, 'out'>>([['input', { out: architecture.input }]]);
        for (const layer of layersOf(architecture)) {
          const [first, second] = layer.from.map((name) => known.get(name));
          expect(layer.in).toEqual(first?.out);
          if (layer.op === 'add') expect(second?.out).toEqual(layer.in);
          else if (layer.op === 'scale') expect(second?.out).toEqual([1, 1, layer.in[2]]);
          else expect(layer.from).toHaveLength(1);
          if (!['conv', 'dense', 'pad'].includes(layer.op)) expect(layer.out[2]).toBe(layer.in[2]);
          if (layer.op === 'pad') expect(layer.out[2]).toBeGreaterThan(layer.in[2]);
          if (layer.op === 'dense') expect(layer.in.slice(0, 2)).toEqual([1, 1]);
          else if (layer.op !== 'gap') expect(layer.out[0]).toBe(Math.ceil(layer.in[0] / layer.stride));
          expect(layer.groups).toBe(layer.op === 'dwconv' ? layer.in[2] : 1);
          expect(Number.isSafeInteger(layer.params) && Number.isSafeInteger(layer.madds)).toBe(true);
          expect(known.has(layer.name)).toBe(false);
          known.set(layer.name, layer);
        }
        const layers = layersOf(architecture);
        expect(layers.at(-1)?.out).toEqual([1, 1, classesOf(architecture)]);
        expect(paramsOf(architecture)).toBeGreaterThan(0);
        expect(maddsOf(architecture)).toBeGreaterThan(0);
      }),
    );
  });

  it('is remembered per architecture', () => {
    const architecture = parseArchitecture('nas1:9x9x3 cn_k3_s2_c4_re gap fc_c10_id');
    expect(layersOf(architecture)).toBe(layersOf(architecture));
    expect(Object.isFrozen(layersOf(architecture)[0])).toBe(true);
  });
});

describe('symmetric padding', () => {
  const pads = (text: string) => layersOf(parseArchitecture(text)).map((layer) => layer.pads);

  it('gives the beginning more where padding is uneven: at stride 2 on even sides', () => {
    const blocks = 'cn_k3_s2_c8_re ir_k5_s2_e8_c8_re cn_k3_s1_c9_re gap fc_c2_id';
    // 8×6 → 4×3 → 2×2: rows of 8 and 4, columns of 6 and 3.
    expect(pads(`nas1:8x6x3_sym ${blocks}`)).toEqual([
      [1, 1, 0, 0],
      undefined,
      [2, 2, 1, 2],
      ...[undefined, undefined, undefined, undefined],
    ]);
    expect(pads(`nas1:8x6x3 ${blocks}`).filter((one) => one !== undefined)).toEqual([]);
  });

  it('is part of the text and of the JSON form', () => {
    const text = 'nas1:8x8x3_sym cn_k3_s2_c8_re gap fc_c2_id';
    expect(formatArchitecture(parseArchitecture(text))).toBe(text);
    expect(architectureFromJson(toJson(parseArchitecture(text)))).toEqual(parseArchitecture(text));
    expect(() => parseArchitecture(text.replace('_sym', '_same'))).toThrow('_sym');
  });
});
