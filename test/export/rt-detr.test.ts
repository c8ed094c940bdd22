import { describe, expect, it } from 'vitest';
import { exporterFor } from '../../src/export/index.js';
import { parseArchitecture, type Architecture } from '../../src/space/index.js';
import { describeExporter } from '../../src/testing/exporter.js';
import { expectGolden } from '../golden.js';
import { sampleOf } from './samples.js';

const FORMATS = ['ultralytics', 'rtdetr', 'dfine', 'deim'] as const;
/** A small network of five halvings at 64 pixels; without the last block, of four. */
const network = (channels: number, blocks: string): Architecture =>
  parseArchitecture(`nas1:64x64x${channels} cn_k3_s2_c8_hs cn_k3_s2_c8_re ${blocks} gap fc_c4_id`);
const TWO = 'ir_k3_s2_e16_c16_se8_re ir_k5_s2_e32_c24_hs';
const THREE = `${TWO} ui_k3_s2_e48_c32_re cn_k1_s1_c64_hs`;
const whole = network(3, THREE);

/** Texts of an export by name, the ID in them replaced. */
function textsOf(format: string, architecture: Architecture): ReadonlyMap<string, string> {
  const anonymous = (text: string) => text.replace(/(nas_?backbone_)[0-9a-f]{8}/gi, '$1ID');
  const files = exporterFor(format).export(sampleOf(architecture));
  return new Map(
    files
      .filter(({ path }) => !path.endsWith('safetensors'))
      .map(({ path, bytes }) => [anonymous(path), anonymous(new TextDecoder().decode(bytes))]),
  );
}

const only = (texts: ReadonlyMap<string, string>, ending: RegExp): string =>
  [...texts].filter(([path]) => ending.test(path)).map(([, text]) => text)[0] ?? '';

describe.each(FORMATS)('a backbone of RT-DETR: %s', (format) => {
  describeExporter(exporterFor(format), sampleOf(whole));

  it('is as in the golden files', () => {
    for (const [path, text] of textsOf(format, whole))
      if (path !== 'metadata.json') expectGolden(`export/golden/rt-detr/${format}/${path}`, text);
  });

  it('has a name of its own per architecture', () => {
    const names = [whole, network(3, TWO)].map(
      (architecture) => exporterFor(format).export(sampleOf(architecture))[0]?.path,
    );
    expect(names[0]).toMatch(/^nas_backbone_[0-9a-f]{8}\.py$/);
    expect(names[1]).not.toBe(names[0]);
  });

  it('has the maps that a network for small pictures has', () => {
    const configuration = only(textsOf(format, network(3, TWO)), /ya?ml$/);
    if (format === 'ultralytics')
      expect(configuration.match(/"Index", .*/g)).toEqual(['"Index", [16, 0]]', '"Index", [24, 1]]']);
    else
      expect(configuration).toMatch(
        /in_channels: \[16, 24\]\n {2}feat_strides: \[8, 16\]\n {2}use_encoder_idx: \[1\]/,
      );
  });

  it('averages the colours for a network of grey pictures', () => {
    expect(only(textsOf(format, network(1, TWO)), /py$/)).toContain('x = x.mean(1, keepdim=True)');
    expect(only(textsOf(format, network(3, TWO)), /py$/)).not.toContain('x.mean(1');
  });

  it('is refused for other pictures and without a stride of 8', () => {
    const write = (architecture: Architecture) => () => exporterFor(format).export(sampleOf(architecture));
    expect(write(network(2, TWO))).toThrow(/pictures of 2 channels; expected colour \(3\) or grey/);
    expect(write(network(3, 'cn_k3_s1_c8_re'))).toThrow(/no c3, c4 or c5/);
  });
});
