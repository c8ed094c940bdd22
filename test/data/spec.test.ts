import { describe, expect, it } from 'vitest';
import { checkDataSpec, parseDataName, type DataSpec } from '../../src/data/index.js';

const spec: DataSpec = {
  name: 'fashion-mnist',
  folder: '.data',
  heldOut: 0.1,
  seed: '1',
  size: null,
  limit: null,
};

describe('names', () => {
  it('takes the two published sets and any folder', () => {
    expect(parseDataName('cifar10')).toEqual({ kind: 'cifar10' });
    expect(parseDataName('images:my pictures/a:b')).toEqual({ kind: 'images', directory: 'my pictures/a:b' });
  });

  it.each(['fashion-minst', 'images:', 'images', '', 'constructor'])(
    'refuses %j with the legal names',
    (name) => {
      expect(() => parseDataName(name)).toThrow(/one of fashion-mnist, cifar10, images:DIR/);
    },
  );

  it('points at the nearest name', () => {
    expect(() => parseDataName('fashion-minst')).toThrow(/did you mean fashion-mnist\?/);
  });
});

describe('checkDataSpec', () => {
  it('returns a good one', () => {
    expect(checkDataSpec(spec)).toBe(spec);
    expect(checkDataSpec({ ...spec, name: 'images:x', size: 96, limit: 500 }).size).toBe(96);
  });

  it.each<Partial<DataSpec>>([
    { heldOut: 0 },
    { heldOut: 1 },
    { heldOut: Number.NaN },
    { limit: 3 },
    { limit: 10.5 },
    { size: 64 },
    { name: 'images:x', size: 7 },
    { name: 'images:x', size: 64.5 },
    { name: 'images:x', size: 4096 },
  ])('refuses %j', (change) => {
    expect(() => checkDataSpec({ ...spec, ...change })).toThrow(
      expect.objectContaining({ code: 'NAS_BAD_DATA_SPEC' }),
    );
  });
});
