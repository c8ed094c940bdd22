import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adaptStrides } from '../../src/space/architecture/strides.js';

const strides = fc.array(fc.constantFrom<1 | 2>(1, 2), { minLength: 1, maxLength: 12 });
const side = fc.integer({ min: 1, max: 2048 });
const halvings = (list: readonly number[]) => list.filter((stride) => stride === 2).length;

describe('adaptStrides', () => {
  const network = [2, 1, 2, 2, 2, 1, 2] as const;

  it.each([
    [448, [2, 1, 2, 2, 2, 1, 2]],
    [224, [2, 1, 2, 2, 2, 1, 2]],
    [112, [2, 1, 2, 2, 2, 1, 2]],
    [111, [1, 1, 2, 2, 2, 1, 2]],
    [64, [1, 1, 2, 2, 2, 1, 2]],
    [32, [1, 1, 2, 2, 2, 1, 1]],
    [28, [1, 1, 2, 2, 2, 1, 1]],
    [27, [1, 1, 2, 2, 1, 1, 1]],
    [7, [1, 1, 2, 1, 1, 1, 1]],
    [6, [1, 1, 1, 1, 1, 1, 1]],
  ])('at %i', (size, expected) => {
    expect(adaptStrides(network, [size, size, 3])).toEqual(expected);
    expect(adaptStrides(network, [size, 4 * size, 3])).toEqual(expected);
  });

  it('only drops halvings, keeps as many as the rule says, and the stem’s last', () => {
    fc.assert(
      fc.property(strides, side, side, (list, height, width) => {
        const adapted = adaptStrides(list, [height, width, 3]);
        expect(adapted).toHaveLength(list.length);
        for (const [index, stride] of adapted.entries()) expect(stride).toBeLessThanOrEqual(list[index] ?? 0);
        const room = Math.max(0, Math.floor(Math.log2(Math.min(height, width) / 3.5)));
        expect(halvings(adapted)).toBe(Math.min(room, halvings(list)));
        if (list[0] === 2 && halvings(adapted) < halvings(list)) expect(adapted[0]).toBe(1);
      }),
    );
  });

  it('leaves a last side of at least 4 where the picture had it', () => {
    fc.assert(
      fc.property(strides, fc.integer({ min: 4, max: 2048 }), (list, size) => {
        const last = adaptStrides(list, [size, size, 3]).reduce<number>(
          (s, stride) => Math.ceil(s / stride),
          size,
        );
        expect(last).toBeGreaterThanOrEqual(4);
      }),
    );
  });
});
