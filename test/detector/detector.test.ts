import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  backboneOf,
  DEFAULT_SIZES,
  describeDetector,
  hgnetL,
  withHalfLastStage,
  withoutLastExpansion,
} from '../../src/detector/index.js';
import { detectorTable } from '../../src/report/index.js';
import { formatArchitecture, parseArchitecture, presetArchitecture } from '../../src/space/index.js';
import { expectGolden } from '../golden.js';

interface Counted {
  readonly classes: number;
  readonly hidden: number;
  readonly decoderLayers: number;
  readonly input: readonly [number, number];
  readonly params: number;
  readonly gflops: number;
}

/** What Ultralytics itself counted; `count.py` wrote the files. */
function counted(version: string): readonly Counted[] {
  const file = new URL(`fixtures/rtdetr-l-thop-${version}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Counted[] }).cases;
}

const ours = ({ input, classes, hidden, decoderLayers }: Omit<Counted, 'params' | 'gflops'>) =>
  describeDetector(hgnetL(input), input, { ...DEFAULT_SIZES, classes, hidden, decoderLayers });

const preset = (name: string, side = 640) =>
  presetArchitecture(name, { input: [side, side, 3], classes: 1000 });

describe('RT-DETR-L', () => {
  it.each(counted('2.2'))('has what Ultralytics counts: $classes classes, $input', (expected) => {
    const { params, gflops } = ours(expected);
    expect(params).toBe(expected.params);
    expect(gflops).toBeCloseTo(expected.gflops, 9);
  });

  it.each(counted('2.0'))('has what earlier versions counted: $classes classes, $input', (expected) => {
    const { params, gflopsThop20 } = ours(expected);
    expect(params).toBe(expected.params);
    expect(gflopsThop20).toBeCloseTo(expected.gflops, 9);
  });

  it('is the sum of its parts', () => {
    const { parts, ...whole } = ours(counted('2.2')[0] as Counted);
    for (const field of ['params', 'gflops', 'gflopsThop20'] as const)
      expect(parts.reduce((sum, part) => sum + part[field], 0)).toBeCloseTo(whole[field], 9);
  });

  it('is without the stages behind the last map that is read', () => {
    const [all, first] = [hgnetL([640, 640]), hgnetL([640, 640], [3, 4])];
    expect(first.features).toEqual(all.features.slice(0, 2));
    expect(first.layers).toEqual(all.layers.slice(0, first.layers.length));
    expect(all.layers.length - first.layers.length).toBe(1 + 2 * 6 + 2);
  });
});

describe('the figures of the seed', () => {
  const one = { ...DEFAULT_SIZES, classes: 1 };
  it.each([
    ['32.8 M and 108.0', hgnetL([640, 640]), '32.8', '108.0'],
    ['19.4 M and 61.3', backboneOf('small', preset('mobilenet_v3_small')), '19.4', '61.3'],
  ])('%s are of one class', (_, backbone, params, gflops) => {
    const found = describeDetector(backbone, [640, 640], one);
    expect((found.params / 1e6).toFixed(1)).toBe(params);
    expect(found.gflopsThop20.toFixed(1)).toBe(gflops);
  });
});

describe('a backbone of ours', () => {
  it('is everything but the classifier', () => {
    const { features, layers } = backboneOf('v3', preset('mobilenet_v3_large'));
    expect(features.map(({ stride, channels, height }) => [stride, channels, height])).toEqual([
      [8, 40, 80],
      [16, 112, 40],
      [32, 960, 20],
    ]);
    // torchvision's mobilenet_v3_large.features
    expect(layers.reduce((sum, { params }) => sum + params, 0)).toBe(2_971_952);
  });

  it('ends with the last map that is read', () => {
    const { features, layers } = backboneOf('v3', preset('mobilenet_v3_large'), [4]);
    expect(features.map(({ level }) => level)).toEqual([4]);
    expect(layers.at(-1)?.name).toBe('12.add');
  });

  it('is read by as many levels of encoder and decoder as it has maps', () => {
    const parts = (levels: readonly number[]) =>
      describeDetector(
        backboneOf('v3', preset('mobilenet_v3_small'), levels),
        [640, 640],
        DEFAULT_SIZES,
      ).parts.map(({ name, params }) => [name, params]);
    expect(Object.fromEntries(parts([5]))).toMatchObject({ CCFM: 0 });
    // Lateral convolution, two fusions, and a convolution of stride 2 per pair of neighbours.
    const pair = 66_048 + 2 * 2_232_320 + 590_336;
    expect(Object.fromEntries(parts([4, 5]))).toMatchObject({ CCFM: pair });
    expect(Object.fromEntries(parts([3, 4, 5]))).toMatchObject({ CCFM: 2 * pair });
  });

  it('is refused without a map at a stride', () => {
    expect(() => backboneOf('small', preset('mobilenet_v3_small', 64))).toThrow(/no c5.*2, 4, 8, 16/);
  });

  it('counts a table as the command prints it', () => {
    const found = describeDetector(
      backboneOf('mobilenet_v3_small', preset('mobilenet_v3_small')),
      [640, 640],
      DEFAULT_SIZES,
    );
    expectGolden(
      'detector/golden/mobilenet_v3_small.txt',
      detectorTable(found, { width: 100, colour: false }),
    );
  });
});

describe('the last stage', () => {
  it('is halved as in the detection variant of MobileNetV3', () => {
    expect(formatArchitecture(withHalfLastStage(preset('mobilenet_v3_large', 224)))).toContain(
      'ir_k3_s1_e672_c112_se168_hs ir_k5_s2_e672_c80_se168_hs ir_k5_s1_e480_c80_se120_hs ir_k5_s1_e480_c80_se120_hs cn_k1_s1_c480_hs gap',
    );
    expect(formatArchitecture(withHalfLastStage(preset('mobilenet_v3_small', 224)))).toContain(
      'ir_k5_s2_e288_c48_se72_hs ir_k5_s1_e288_c48_se72_hs ir_k5_s1_e288_c48_se72_hs cn_k1_s1_c288_hs gap',
    );
  });

  it('leaves the stage before it alone, where a pooled skip joins their widths', () => {
    const joined = parseArchitecture(
      'nas1:64x64x3 cn_k3_s2_c16_re cn_k3_s2_c16_re_skippool cn_k3_s1_c16_re gap fc_c10_id',
    );
    expect(withHalfLastStage(joined).blocks.map((block) => 'channels' in block && block.channels)).toEqual([
      ...[16, 8, 8],
      ...[false, 10],
    ]);
  });

  it('ends in front of the expansion', () => {
    const whole = preset('mobilenet_v3_large');
    const { features, layers } = backboneOf('v3', withoutLastExpansion(whole));
    expect(features.map(({ channels }) => channels)).toEqual([40, 112, 160]);
    expect(layers.at(-1)?.name).toBe('15.add');
  });

  it('is refused where nothing expands it', () => {
    expect(() => withoutLastExpansion(preset('residual_conv'))).toThrow(/no 1×1 convolution/);
  });
});
