import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { createStrategy } from '../../src/search/index.js';
import { describeStrategy } from '../../src/testing/index.js';
import { fakeSpace } from './fake-space.js';

const space = fakeSpace(5, 3);
describeStrategy('random', {
  space,
  make: (seed, saved = null) => createStrategy('random', { space, seed, saved }),
});
describeStrategy('ppo', {
  space,
  make: (seed, saved = null) =>
    createStrategy('ppo', { space, seed, saved, settings: { ppo: { hidden: 12 } } }),
});

describe('createStrategy', () => {
  it('names the legal names and the nearest for an unknown one', () => {
    expect(() => createStrategy('pppo', { space, seed: '1' })).toThrow(/random, ppo.*did you mean ppo/);
  });

  it('refuses a saved state of another space, size or strategy', () => {
    const ppo = createStrategy('ppo', { space, seed: '1', settings: { ppo: { hidden: 12 } } });
    const saved = ppo.save();
    const code = { code: 'NAS_STRATEGY_STATE' };
    const other = { seed: '1', saved, settings: { ppo: { hidden: 12 } } };
    expect(() => createStrategy('ppo', { ...other, space: fakeSpace(5, 4) })).toThrow(
      expect.objectContaining(code),
    );
    expect(() => createStrategy('ppo', { space, seed: '1', saved })).toThrow(expect.objectContaining(code));
    for (const bad of [
      7,
      'x',
      [],
      { strategy: 'random', version: 1 },
      { ...(saved as object), weights: 'AAAA' },
    ])
      expect(() => createStrategy('ppo', { ...other, space, saved: bad })).toThrow(
        expect.objectContaining(code),
      );
  });

  it('has the published controller under its preset: 100 units, nothing learnt before 20 trials', () => {
    const ppo = createStrategy('ppo', { space, seed: '1', settings: { preset: 'paper' } });
    const first = JSON.stringify((ppo.save() as { weights: string }).weights);
    const [proposal] = ppo.ask(1, [], createRng(1));
    for (let i = 0; i < 19; i++) ppo.tell([{ ...proposal!, trial: i + 1, state: 'done', reward: i }]);
    expect(JSON.stringify((ppo.save() as { weights: string }).weights)).toBe(first);
    ppo.tell([{ ...proposal!, trial: 20, state: 'done', reward: 5 }]);
    expect(JSON.stringify((ppo.save() as { weights: string }).weights)).not.toBe(first);
  });
});
