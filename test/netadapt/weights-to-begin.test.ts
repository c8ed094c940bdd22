import { describe, expect, it } from 'vitest';
import { weightsToBegin } from '../../src/netadapt/index.js';
import { createMemoryStore, type Trial } from '../../src/trials/index.js';
import { done, newTrial, STUDY } from '../../src/testing/index.js';

describe('the weights that a refinement begins with', () => {
  /** A seed of 3 ms; a lineage of it with target 2 ms that stands at that latency, its latest network trial 7. */
  function studyAt(latestMs: number | null) {
    const store = createMemoryStore(STUDY);
    store.begin([newTrial()], null);
    store.finish(1, done(0.8, 3), null, null);
    if (latestMs !== null) {
      const step = {
        step: 1,
        trial: 7,
        proposal: 6,
        dimension: 'd',
        from: 8,
        to: 4,
        accuracyChange: 0,
        tried: 1,
      };
      const accepted = [{ ...step, fromMs: 3, toMs: latestMs }];
      store.note('netadapt/1/2', { version: 1, seedMs: 3, accepted, curves: [], pending: null });
    }
    return { store, seed: store.trial(1) as Trial };
  }

  it.each([
    ['those of the seed, before the first step', null, 2, 1],
    ['none, when the seed meets the target', null, 3, undefined],
    ['those of the latest of the lineage', 2.5, 2, 7],
    ['none, when the latest meets the target', 1.9, 2, undefined],
    ['those of the seed for another target', 1.9, 1, 1],
  ])('are %s', (_, latestMs, targetMs, expected) => {
    const { store, seed } = studyAt(latestMs);
    expect(weightsToBegin(store, seed, targetMs)).toBe(expected);
  });
});
