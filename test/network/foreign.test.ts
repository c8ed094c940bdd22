import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { buildNetwork, encodeTensors, foreignWeights, libraryOf } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { difference, padded, type Computed } from './foreign.js';

const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bytes = fixture('torchvision-tiny.safetensors');
const computed = JSON.parse(fixture('torchvision-tiny.json').toString()) as Computed;

/** The network that foreign.py calls `tiny`. */
const text = (input: string, classes: number) =>
  `nas1:${input} cn_k3_s2_c8_hs ds_k3_s2_c8_se8_re ir_k5_s2_e24_c16_se8_hs ir_k3_s1_e32_c16_hs ` +
  `cn_k1_s1_c96_hs gap fc_c40_hs fc_c${classes}_id`;
const tiny = parseArchitecture(text('20x18x3', 5));
const rng = createRng('head');
const load = (architecture: string) =>
  foreignWeights(bytes, {
    network: buildNetwork(padded(parseArchitecture(architecture), bytes)),
    epsilon: 1e-3,
    rng,
  });

describe('weights of another library', () => {
  it('compute what they compute there: a MobileNetV3 of torchvision', () => {
    expect(libraryOf(bytes).name).toBe('torchvision');
    expect(difference(tiny, bytes, computed)).toBeLessThan(1e-4);
  });

  it('do not without its padding, nor with another epsilon', () => {
    expect(difference(tiny, bytes, computed, 'timm-tf')).toBeGreaterThan(1e-2);
    expect(difference(tiny, bytes, computed, 'd-li14')).toBeGreaterThan(3e-4);
  });

  it('get a new classifier for other classes, all else kept', () => {
    const same = load(text('20x18x3', 5));
    const { weights, newHead } = load(text('20x18x3', 7));
    expect([same.newHead, newHead]).toEqual([false, true]);
    const others = [...weights].filter(([name]) => !name.startsWith('7.dense'));
    for (const [name, values] of others) expect(values).toEqual(same.weights.get(name));
    expect(weights.get('7.dense.kernel')).toHaveLength(7 * 40);
    expect(weights.get('7.dense.bias')).toEqual(new Float32Array(7));
  });

  it('for three colours see a grey picture as three equal ones', () => {
    const { weights, grey } = load(text('20x18x1', 5));
    expect(grey).toBe(true);
    const colours = load(text('20x18x3', 5)).weights.get('0.conv.kernel')!;
    const kernel = weights.get('0.conv.kernel')!;
    expect(kernel).toHaveLength(72);
    expect(kernel[0]).toBeCloseTo(colours[0]! + colours[8]! + colours[16]!, 6);
  });

  it.each([
    [
      'another width',
      text('20x18x3', 5).replace('e32_c16', 'e40_c16'),
      /features\.3.*\[32, 16, 1, 1\].*\[40, 16, 1, 1\]/,
    ],
    ['another kernel', text('20x18x3', 5).replace('ir_k5', 'ir_k3'), /\[24, 1, 5, 5\]/],
    ['one block less', text('20x18x3', 5).replace(' ir_k3_s1_e32_c16_hs', ''), /another network/],
    ['one block more', text('20x18x3', 5).replace('gap', 'cn_k1_s1_c96_hs gap'), /another network/],
    ['no squeeze-and-excite', text('20x18x3', 5).replace('_se8_re', '_re'), /another network/],
  ])('are refused for %s', (_, architecture, message) => {
    expect(() => load(architecture)).toThrow(expect.objectContaining({ code: 'NAS_OTHER_WEIGHTS' }) as Error);
    expect(() => load(architecture)).toThrow(message);
  });

  it('of unknown names, and our own, are refused', () => {
    const file = (name: string) =>
      encodeTensors([{ name, shape: [2], values: Float32Array.of(1, 2) }], () => ({}));
    for (const name of ['backbone.weight', '0.conv.kernel', 'x'])
      expect(() => libraryOf(file(name))).toThrow(
        expect.objectContaining({ code: 'NAS_UNKNOWN_WEIGHTS' }) as Error,
      );
  });
});
