import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import {
  checkArchitecture,
  layersOf,
  presetArchitecture,
  searchSpace,
  spaceNames,
  type Task,
} from '../../src/space/index.js';

const TASKS: readonly Task[] = [
  { input: [28, 28, 1], classes: 10 },
  { input: [32, 32, 3], classes: 10 },
  { input: [64, 64, 3], classes: 200 },
  { input: [224, 224, 3], classes: 1000 },
];

describe.each(spaceNames)('space %s', (name) => {
  it.each(TASKS)('decodes every sample for $input to a valid architecture that encodes back', (task) => {
    const space = searchSpace(name, task);
    const rng = createRng(1).fork(name);
    for (let i = 0; i < 100; i++) {
      const architecture = space.decode(space.sample(rng));
      expect(checkArchitecture(architecture)).toBe(architecture);
      const genome = space.encode(architecture);
      expect(space.decode(genome)).toEqual(architecture);
      expect(space.encode(space.decode(genome))).toEqual(genome);
    }
  });
});
