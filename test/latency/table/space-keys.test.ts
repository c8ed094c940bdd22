import { describe, expect, it } from 'vitest';
import { createRng, withoutPauses } from '../../../src/core/index.js';
import { segmentsOf } from '../../../src/latency/table/segments.js';
import { segmentOf } from '../../../src/latency/table/key.js';
import { keysOfSpace } from '../../../src/latency/table/build/space-keys.js';
import { narrowerKeys, widthsOf } from '../../../src/latency/table/build/widths.js';
import { layersOf, searchSpace, spaceFromYaml, type SearchSpace } from '../../../src/space/index.js';
import { smallSpace } from './world.js';

function* allNetworks(space: SearchSpace) {
  for (let number = 0; number < Number(space.size); number++) {
    let left = number;
    yield space.decode(
      space.choices.map(({ options }) => {
        const gene = left % options.length;
        left = Math.floor(left / options.length);
        return gene;
      }),
    );
  }
}

function keysIn(architectures: Iterable<Parameters<typeof layersOf>[0]>): Set<string> {
  const keys = new Set<string>();
  for (const architecture of architectures)
    for (const { parts } of segmentsOf({ layers: layersOf(architecture) }))
      for (const part of parts) keys.add(part);
  return keys;
}

describe('keysOfSpace', () => {
  it('finds exactly the segments of all networks of a space, each once', () => {
    const space = smallSpace();
    const keys = withoutPauses(keysOfSpace(space));
    expect(new Set(keys).size).toBe(keys.length);
    expect([...keys].sort()).toEqual([...keysIn(allNetworks(space))].sort());
  });

  it('does so where strides are choices, and where nothing is', () => {
    const yaml = `
version: 1
name: strides
stem: { filters: 8, stride: [1, 2] }
stages:
  - { op: mbconv, filters: 16, layers: 1, stride: [1, 2] }
  - { op: dconv, filters: [16, 24], layers: 1 }
`;
    const task = { input: [64, 64, 3] as const, classes: 3 };
    const space = spaceFromYaml(yaml, task);
    expect([...withoutPauses(keysOfSpace(space))].sort()).toEqual([...keysIn(allNetworks(space))].sort());
    const one = spaceFromYaml('version: 1\nname: one\nstages:\n  - { filters: 16, layers: 2 }\n', task);
    expect(one.size).toBe(1n);
    expect([...withoutPauses(keysOfSpace(one))].sort()).toEqual([...keysIn(allNetworks(one))].sort());
  });

  it('misses no segment of random networks of a built-in space', { timeout: 120_000 }, () => {
    const space = searchSpace('mnasnet', { input: [28, 28, 1], classes: 10 });
    const keys = new Set(withoutPauses(keysOfSpace(space)));
    const rng = createRng('random');
    const found = keysIn(Array.from({ length: 300 }, () => space.decode(space.sample(rng))));
    expect([...found].filter((key) => !keys.has(key))).toEqual([]);
  });
});

describe('narrowerKeys', () => {
  it('adds segments that are narrower and not there yet, and keeps pictures and classes', () => {
    const keys = withoutPauses(keysOfSpace(smallSpace()));
    const widest = Math.max(
      ...keys.flatMap((key) => widthsOf(segmentOf(key) ?? { input: [1, 1, 1], steps: [] })),
    );
    const narrower = withoutPauses(narrowerKeys(keys));
    expect(narrower.length).toBeGreaterThan(0);
    expect(narrower.filter((key) => keys.includes(key))).toEqual([]);
    for (const key of narrower) {
      const segment = segmentOf(key);
      if (segment === null) throw new Error(key);
      expect(Math.max(...widthsOf(segment))).toBeLessThan(widest);
      expect(key).not.toMatch(/dense/);
      if (segment.input[2] < 8) expect(segment.input[2]).toBe(3);
    }
  });
});
