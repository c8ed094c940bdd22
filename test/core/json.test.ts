import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, deepFreeze, digest } from '../../src/core/index.js';

describe('canonical JSON', () => {
  it('has its keys in order, at every depth, lists in theirs, and no white space', () => {
    expect(canonical({ b: [{ z: 1, a: null }, 'x'], a: { d: true, c: undefined } })).toBe(
      '{"a":{"d":true},"b":[{"a":null,"z":1},"x"]}',
    );
  });

  it('is the same for any order of keys, and reads back as the data', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.jsonValue(),
        ),
        (data) => {
          const turned = Object.fromEntries(Object.entries(data).reverse());
          expect(canonical(turned)).toBe(canonical(data));
          expect(digest(turned)).toBe(digest(data));
          expect(JSON.parse(canonical(data))).toEqual(JSON.parse(JSON.stringify(data)));
        },
      ),
    );
  });
});

describe('digest', () => {
  it('is the SHA-256 of the canonical text', () => {
    // printf '{"a":1}' | sha256sum
    expect(digest({ a: 1 })).toBe('015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862');
    expect(digest({ a: 2 })).not.toBe(digest({ a: 1 }));
  });
});

describe('deepFreeze', () => {
  it('freezes through and through, and leaves typed arrays', () => {
    const data = { list: [{ deep: 1 }], weights: new Float32Array(2) };
    expect(deepFreeze(data)).toBe(data);
    for (const part of [data, data.list, data.list[0]]) expect(Object.isFrozen(part)).toBe(true);
    data.weights[0] = 1;
    expect(data.weights[0]).toBe(1);
    expect(deepFreeze(null)).toBeNull();
  });
});
