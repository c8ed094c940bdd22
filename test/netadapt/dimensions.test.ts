import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DIMENSION_KINDS,
  dimensionsOf,
  narrowerWidths,
  narrowest,
  PAPER_KINDS,
  withWidth,
} from '../../src/netadapt/index.js';
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
    const extra = dimensionsOf(paper, [...PAPER_KINDS, 'features', 'hidden']).slice(
      dimensionsOf(paper).length,
    );
    expect(extra).toEqual([
      { kind: 'features', blocks: [16], width: 960 },
      { kind: 'hidden', blocks: [18], width: 1280 },
    ]);
    const plain = parseArchitecture(
      'nas1:8x8x3 cn_k3_s1_c16_re ir_k3_s1_e32_c24_re cn_k1_s1_c64_re gap fc_c10_id',
    );
    expect(
      dimensionsOf(plain, [...PAPER_KINDS, 'features', 'hidden']).map(({ kind, blocks }) => [
        kind,
        blocks[0],
      ]),
    ).toEqual([
      ['expansion', 1],
      ['bottleneck', 1],
      ['features', 2],
    ]);
  });
});

describe('kernels and blocks that may be left out', () => {
  it('are those of MobileNetV3-Large: 5×5, and residual blocks of equal shapes', () => {
    const found = dimensionsOf(paper, ['kernel', 'depth']).map(
      ({ kind, blocks, width }) => `${kind} ${blocks.join()} ${width}`,
    );
    expect(found).toEqual([
      ...[4, 5, 6, 13, 14, 15].map((block) => `kernel ${block} 5`),
      ...[15, 14, 12, 10, 9, 8, 6, 5, 3, 1].map((block) => `depth ${block} 1`),
    ]);
    expect(dimensionsOf(paper, PAPER_KINDS)).toEqual(dimensionsOf(paper));
  });

  it('shrink to 3×3 and to nothing, by which the others keep their shapes', () => {
    const [kernel] = dimensionsOf(paper, ['kernel']);
    expect(narrowerWidths(paper, kernel!, 8)).toEqual([3]);
    expect(withWidth(paper, kernel!, 3).blocks[4]).toMatchObject({ kernel: 3, expansion: 72 });
    for (const depth of dimensionsOf(paper, ['depth'])) {
      expect(narrowerWidths(paper, depth, 8)).toEqual([0]);
      const shorter = withWidth(paper, depth, 0);
      expect(shorter.blocks).toHaveLength(paper.blocks.length - 1);
      expect(parseArchitecture(formatArchitecture(shorter))).toEqual(shorter);
      expect(sums(formatArchitecture(shorter))).toBe(sums(formatArchitecture(paper)) - 1);
    }
  });

  it('make the narrowest network, each block left out once', () => {
    const kinds = ['depth', 'kernel', 'expansion'] as const;
    const making = narrowest(paper, { granularity: 8, kinds });
    let made = making.next();
    while (made.done !== true) made = making.next();
    expect(made.value.blocks).toHaveLength(paper.blocks.length - 10);
    expect(dimensionsOf(made.value, ['kernel'])).toEqual([]);
  });
});

describe('stem and squeezed widths', () => {
  const text = 'nas1:16x16x3 cn_k3_s2_c16_hs ds_k3_s1_c24_se8_re ir_k3_s2_e64_c32_se16_hs gap fc_c10_id';
  const architecture = parseArchitecture(text);
  const [stem, first, second] = dimensionsOf(architecture, ['stem', 'squeeze']);

  it('are offered when asked', () => {
    expect([stem, first, second]).toEqual([
      { kind: 'stem', blocks: [0], width: 16 },
      { kind: 'squeeze', blocks: [1], width: 8 },
      { kind: 'squeeze', blocks: [2], width: 16 },
    ]);
    expect(dimensionsOf(architecture).map(({ kind }) => kind)).not.toContain('squeeze');
  });

  it('shrink alone', () => {
    expect(formatArchitecture(withWidth(architecture, second!, 8))).toBe(text.replace('se16', 'se8'));
    expect(formatArchitecture(withWidth(architecture, stem!, 8))).toBe(text.replace('c16_hs', 'c8_hs'));
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
        const dimensions = dimensionsOf(before, DIMENSION_KINDS);
        const dimension = dimensions[first % dimensions.length];
        if (!dimension) return;
        const widths = narrowerWidths(before, dimension, 8);
        const width = widths[second % Math.max(1, widths.length)];
        if (width === undefined) return;
        const after = withWidth(before, dimension, width);
        const text = formatArchitecture(after);
        expect(formatArchitecture(parseArchitecture(text))).toBe(text);
        expect(maddsOf(after)).toBeLessThan(maddsOf(before));
        const leftOut = dimension.kind === 'depth' ? 1 : 0;
        expect(sums(text)).toBe(sums(formatArchitecture(before)) - leftOut);
        if (leftOut === 1) return;
        const changed = dimensionsOf(after, DIMENSION_KINDS).find(
          (other) => other.blocks.join() === dimension.blocks.join(),
        );
        expect(changed).toBeDefined();
      }),
    );
  });
});
