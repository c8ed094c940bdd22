import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { augmentation } from '../../src/data/index.js';

describe('pad, crop, flip', () => {
  it('draws every corner of the frame about equally often, and mirrors half', () => {
    const { top, left, flip } = augmentation(9000, 1, true, createRng(1));
    const seen = new Map<string, number>();
    top.forEach((y, at) => seen.set(`${y},${left[at]!}`, (seen.get(`${y},${left[at]!}`) ?? 0) + 1));
    expect([...seen.keys()].sort()).toEqual(['0,0', '0,1', '0,2', '1,0', '1,1', '1,2', '2,0', '2,1', '2,2']);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    const mirrored = flip.reduce((a, b) => a + b, 0);
    expect(Math.abs(mirrored - 4500)).toBeLessThan(250);
  });

  it('leaves pictures alone where nothing is asked, and draws as much from the stream', () => {
    const rng = createRng(1);
    expect(augmentation(3, 0, false, rng)).toEqual({
      top: new Int32Array(3),
      left: new Int32Array(3),
      flip: new Uint8Array(3),
    });
    const other = createRng(1);
    augmentation(3, 4, true, other);
    expect(rng.uniform()).toBe(other.uniform());
  });
});
