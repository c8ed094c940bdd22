import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dimensionsOf, narrowerWidths, withWidth } from '../../src/netadapt/index.js';
import {
  formatArchitecture,
  layersOf,
  maddsOf,
  parseArchitecture,
  presetArchitecture,
  presetNames,
} from '../../src/space/index.js';

const paper = presetArchitecture('mobilenet_v3_large', { input: [224, 224, 3], classes: 1000 });
const sums = (text: string) => layersOf(parseArchitecture(text)).filter((layer) => layer.op === 'add').length;

describe('dimensionsOf', () => {
  it('lists the two kinds of MobileNetV3 §4.2 for MobileNetV3-Large', () => {
    const found = dimensionsOf(paper).map(
      ({ kind, blocks, width }) => `${kind} ${blocks.join(',')} ${width}`,
    );
    expect(found).toEqual([
      ...['expansion 2 64', 'expansion 3 72', 'expansion 4 72', 'expansion 5 120', 'expansion 6 120'],
      ...['expansion 7 240', 'expansion 8 200', 'expansion 9 184', 'expansion 10 184', 'expansion 11 480'],
      ...['expansion 12 672', 'expansion 13 672', 'expansion 14 960', 'expansion 15 960'],
      ...['bottleneck 0,1 16', 'bottleneck 2,3 24', 'bottleneck 4,5,6 40', 'bottleneck 7,8,9,10 80'],
      ...['bottleneck 11,12 112', 'bottleneck 13,14,15 160'],
    ]);
  });

  it('adds the last convolution and the hidden dense layer when asked, never stem or classifier', () => {
    const extra = dimensionsOf(paper, true).slice(dimensionsOf(paper).length);
    expect(extra).toEqual([
      { kind: 'features', blocks: [16], width: 960 },
      { kind: 'hidden', blocks: [18], width: 1280 },
    ]);
    const plain = parseArchitecture(
      'nas1:8x8x3 cn_k3_s1_c16_re ir_k3_s1_e32_c24_re cn_k1_s1_c64_re gap fc_c10_id',
    );
    expect(dimensionsOf(plain, true).map(({ kind, blocks }) => [kind, blocks[0]])).toEqual([
      ['expansion', 1],
      ['bottleneck', 1],
      ['features', 2],
    ]);
  });
});

describe('narrowerWidths', () => {
  const at = (width: number, granularity: number) =>
    narrowerWidths(
      parseArchitecture(`nas1:8x8x3 cn_k3_s1_c16_re ir_k3_s1_e${width}_c24_re gap fc_c10_id`),
      { kind: 'expansion', blocks: [1], width },
      granularity,
    );
  it('are multiples of the granularity below the width, at least one of it', () => {
    expect(at(40, 8)).toEqual([32, 24, 16, 8]);
    expect(at(20, 8)).toEqual([16, 8]);
    expect(at(8, 8)).toEqual([]);
    expect(at(40, 16)).toEqual([32, 16]);
  });

  it('leave out what would cost a pooled skip', () => {
    const pooled = parseArchitecture('nas1:8x8x3 cn_k3_s1_c16_re cn_k3_s2_c40_re_skippool gap fc_c10_id');
    const dimension = { kind: 'bottleneck', blocks: [1], width: 40 } as const;
    expect(narrowerWidths(pooled, dimension, 8)).toEqual([32, 24, 16]);
  });
});

describe('withWidth', () => {
  it('makes a valid, cheaper network with the same sums, for every preset and dimension', () => {
    const cases = fc.tuple(fc.constantFrom(...presetNames), fc.nat(), fc.nat());
    fc.assert(
      fc.property(cases, ([name, first, second]) => {
        const before = presetArchitecture(name, { input: [32, 32, 3], classes: 10 });
        const dimensions = dimensionsOf(before, true);
        const dimension = dimensions[first % dimensions.length];
        if (!dimension) return;
        const widths = narrowerWidths(before, dimension, 8);
        const width = widths[second % Math.max(1, widths.length)];
        if (width === undefined) return;
        const after = withWidth(before, dimension, width);
        const text = formatArchitecture(after);
        expect(formatArchitecture(parseArchitecture(text))).toBe(text);
        expect(maddsOf(after)).toBeLessThan(maddsOf(before));
        expect(sums(text)).toBe(sums(formatArchitecture(before)));
        const changed = dimensionsOf(after, true).find(
          (other) => other.blocks.join() === dimension.blocks.join(),
        );
        expect(changed).toBeDefined();
      }),
    );
  });
});
