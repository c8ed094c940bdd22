import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bottleneckGroups,
  checkArchitecture,
  formatArchitecture,
  layersOf,
  parseArchitecture,
  presetArchitecture,
  withBottleneck,
  withExpansion,
  withWidth,
  type Architecture,
} from '../../src/space/index.js';
import { architectures } from './arbitrary.js';

const large = presetArchitecture('mobilenet_v3_large', { input: [224, 224, 3], classes: 1000 });
const token = (architecture: Architecture, block: number) =>
  formatArchitecture(architecture).split(' ')[block + 1];
const adds = (architecture: Architecture) =>
  layersOf(architecture)
    .filter((layer) => layer.op === 'add')
    .map((layer) => layer.name);

describe('withExpansion', () => {
  it('keeps a squeezed width at a quarter of the expansion, divisible by 8', () => {
    expect(token(withExpansion(large, 5, 96), 5)).toBe('ir_k5_s1_e96_c40_se24_re');
    expect(token(withExpansion(large, 8, 160), 8)).toBe('ir_k3_s1_e160_c80_hs');
  });

  it('scales any other squeezed width', () => {
    const a1 = presetArchitecture('mnasnet_a1', { input: [224, 224, 3], classes: 1000 });
    expect(token(a1, 5)).toBe('ir_k5_s1_e120_c40_se10sig_re');
    expect(token(withExpansion(a1, 5, 60), 5)).toBe('ir_k5_s1_e60_c40_se5sig_re');
  });

  it('refuses what it cannot do', () => {
    expect(() => withExpansion(large, 1, 8)).toThrow(/no expansion/);
    expect(() => withExpansion(large, 5, 0)).toThrow(/width 0; expected a whole number from 1/);
    expect(() => withExpansion(large, 5, 2.5)).toThrow(/width 2.5/);
  });
});

describe('bottleneckGroups', () => {
  it('are the stages of MobileNetV3-Large, the stem tied to the first bottleneck', () => {
    expect(bottleneckGroups(large)).toEqual([
      { blocks: [0, 1], channels: 16 },
      { blocks: [2, 3], channels: 24 },
      { blocks: [4, 5, 6], channels: 40 },
      { blocks: [7, 8, 9, 10], channels: 80 },
      { blocks: [11, 12], channels: 112 },
      { blocks: [13, 14, 15], channels: 160 },
      { blocks: [16], channels: 960 },
    ]);
  });
});

describe('withBottleneck', () => {
  it('changes all blocks of the group and keeps their residuals', () => {
    const group = bottleneckGroups(large)[3];
    const narrow = withBottleneck(large, group ?? { blocks: [], channels: 0 }, 72);
    expect([7, 8, 9, 10].map((block) => token(narrow, block))).toEqual([
      'ir_k3_s2_e240_c72_hs',
      'ir_k3_s1_e200_c72_hs',
      'ir_k3_s1_e184_c72_hs',
      'ir_k3_s1_e184_c72_hs',
    ]);
    expect(adds(narrow)).toEqual(adds(large));
  });

  it('lets the squeezed width of a separable block follow its input', () => {
    const architecture = parseArchitecture('nas1:8x8x3 cn_k3_s1_c64_re ds_k3_s2_c64_se16_re gap fc_c2_id');
    const narrow = withBottleneck(architecture, { blocks: [0], channels: 64 }, 32);
    expect(token(narrow, 1)).toBe('ds_k3_s2_c64_se8_re');
  });

  it('brings no skip into being where widths come to agree', () => {
    const narrow = withBottleneck(large, { blocks: [11, 12], channels: 112 }, 80);
    expect(token(narrow, 11)).toBe('ir_k3_s1_e480_c80_se120_hs_noskip');
    expect(adds(narrow)).toEqual(adds(large));
  });

  it('keeps identity residuals and validity for every group, and takes nothing else along', () => {
    fc.assert(
      fc.property(architectures(), fc.nat(), fc.integer({ min: 1, max: 64 }), (architecture, pick, width) => {
        const groups = bottleneckGroups(architecture);
        expect(groups.flatMap((group) => group.blocks)).toEqual(
          architecture.blocks.flatMap((block, index) => (['gap', 'fc'].includes(block.kind) ? [] : [index])),
        );
        const group = groups[pick % groups.length] ?? { blocks: [], channels: 0 };
        const changed = checkArchitecture(withBottleneck(architecture, group, width));
        for (const [index, block] of changed.blocks.entries()) {
          const old = architecture.blocks[index];
          if (!('channels' in block) || !old || !('channels' in old)) continue;
          expect(block.channels).toBe(group.blocks.includes(index) ? width : old.channels);
        }
        const before = new Set(adds(architecture));
        for (const name of adds(changed)) expect(before).toContain(name);
        for (const index of group.blocks.slice(1)) expect(adds(changed)).toContain(`${index}.add`);
      }),
    );
  });
});

describe('withWidth', () => {
  it('multiplies every width but the classes, those divisible by 8 to such ones', () => {
    const wide = withWidth(large, 1.5);
    expect(token(wide, 5)).toBe('ir_k5_s1_e184_c64_se48_re');
    expect(formatArchitecture(wide)).toMatch(/ gap fc_c1920_hs fc_c1000_id$/);
    expect(adds(wide)).toEqual(adds(large));
    expect(formatArchitecture(withWidth(large, 1))).toBe(formatArchitecture(large));
  });

  it('keeps architectures valid, and adds no residual sum', () => {
    fc.assert(
      fc.property(architectures(), fc.double({ min: 0.3, max: 3, noNaN: true }), (architecture, factor) => {
        const wide = checkArchitecture(withWidth(architecture, factor));
        expect(wide.input).toEqual(architecture.input);
        const before = new Set(adds(architecture));
        expect(adds(wide).filter((name) => !before.has(name))).toEqual([]);
      }),
    );
  });

  it('refuses widths that no architecture has', () => {
    expect(() => withWidth(large, 100)).toThrow(/width \d+; expected a whole number from 1/);
  });
});
