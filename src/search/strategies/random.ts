import type { SearchSpace } from '../../space/index.js';
import type { Strategy } from './strategy.js';

/** Uniform sampling of the space; learns nothing. The control that every other strategy must beat. */
export function createRandom(space: SearchSpace): Strategy {
  return {
    name: 'random',
    ask: (count, _pending, rng) =>
      Array.from({ length: count }, () => ({ genome: space.sample(rng), note: null })),
    tell() {},
    save: () => ({ strategy: 'random', version: 1 }),
  };
}
