import { describe, expect, it } from 'vitest';
import { createRng, withoutPauses } from '../../src/core/index.js';
import {
  formatArchitecture,
  maddsOf,
  nearestGenome,
  parseArchitecture,
  presetArchitecture,
  searchSpace,
  type Architecture,
  type SearchSpace,
} from '../../src/space/index.js';

const nearest = (space: SearchSpace, architecture: Architecture) => {
  const found = withoutPauses(nearestGenome(space, architecture));
  if (found === undefined) throw new TypeError('none');
  return found;
};

describe('the nearest genome', () => {
  it.each([28, 64, 224])('of each preset that a search begins with is near, at %i pixels', (side) => {
    const task = { input: [side, side, 3], classes: 10 } as const;
    const space = searchSpace('backbone', task);
    for (const preset of ['residual_conv', 'mobilenet_v3_small', 'mobilenetv4_conv_small'])
      for (const multiplier of [0.35, 0.5, 1]) {
        const wanted = presetArchitecture(`${preset}@${multiplier}`, task);
        const { genome, distance } = nearest(space, wanted);
        expect(distance).toBeLessThan(0.5 * wanted.blocks.length);
        const halvings = ({ blocks }: Architecture) =>
          blocks.filter((block) => 'stride' in block && block.stride === 2).length;
        expect(halvings(space.decode(genome))).toBe(halvings(wanted));
      }
  });

  it('of dense convolutions has their blocks, at the nearest widths', () => {
    const task = { input: [64, 64, 1], classes: 10 } as const;
    const space = searchSpace('backbone', task);
    const { genome } = nearest(space, presetArchitecture('residual_conv@0.54', task));
    expect(formatArchitecture(space.decode(genome))).toBe(
      'nas1:64x64x1 cn_k3_s1_c8_re cn_k3_s2_c16_re cn_k3_s1_c16_re cn_k3_s2_c32_re cn_k3_s1_c32_re ' +
        'cn_k3_s2_c48_re cn_k3_s1_c48_re cn_k3_s2_c64_re cn_k3_s1_c64_re gap fc_c10_id',
    );
  });

  it('has far more in common with a network of the space than random ones have', () => {
    const space = searchSpace('backbone', { input: [32, 32, 3], classes: 10 });
    const rng = createRng('nearest');
    const wanted = Array.from({ length: 10 }, () => space.decode(space.sample(rng)));
    const madds = wanted.map((one) => Math.log(maddsOf(one)));
    const found = wanted.map((one) => Math.log(maddsOf(space.decode(nearest(space, one).genome))));
    const random = wanted.map(() => Math.log(maddsOf(space.decode(space.sample(rng)))));
    const apart = (others: readonly number[]) =>
      others.reduce((sum, other, i) => sum + Math.abs(other - (madds[i] ?? 0)), 0) / others.length;
    expect(apart(found)).toBeLessThan(0.5 * apart(random));
  });

  it('is none of a space that decodes nothing', () => {
    const space = searchSpace('backbone', { input: [32, 32, 3], classes: 10 });
    const mute = {
      ...space,
      decode: () => {
        throw new Error('no network');
      },
    };
    const wanted = parseArchitecture('nas1:32x32x3 cn_k3_s2_c8_re gap fc_c10_id');
    expect(withoutPauses(nearestGenome(mute, wanted))).toBeUndefined();
  });
});
