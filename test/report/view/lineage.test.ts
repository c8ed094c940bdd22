import { describe, expect, it } from 'vitest';
import { familyOf, familyTable } from '../../../src/report/index.js';
import { done, newTrial, STUDY } from '../../../src/testing/index.js';
import { createMemoryStore, type NewTrial, type TrialStore } from '../../../src/trials/index.js';

/**
 * 1 is shrunk to 3 (2 was only tried) and 4; from 3 to 5 as another branch; 4 is retrained as 6. 7 is a sample of its own, 8 a
 * preset trained in the end.
 */
function study(): TrialStore {
  const store = createMemoryStore(STUDY);
  const add = (over: Partial<NewTrial>, accuracy: number, ms: number): void => {
    const [trial] = store.begin([newTrial(over)], null);
    store.finish(trial!.id, done(accuracy, ms, { checkpoint: `trial-${trial!.id}.weights` }), null, null);
  };
  const step = (step: number, dimension: string, from: number, to: number) => ({
    kind: 'netadapt' as const,
    note: { step, targetMs: 2, dimension, from, to },
  });
  add({}, 0.9, 4);
  add({ kind: 'proposal', parent: 1, note: { step: 1, targetMs: 2 } }, 0.8, 3);
  add({ parent: 1, ...step(1, 'expansion:3', 72, 64) }, 0.89, 3);
  add({ parent: 3, ...step(2, 'bottleneck:2,3', 24, 16) }, 0.88, 2.5);
  add({ parent: 3, ...step(1, 'squeeze:2', 16, 8) }, 0.87, 2.7);
  add({ kind: 'retrain', parent: 4 }, 0.91, 2.5);
  add({}, 0.7, 1);
  add({ kind: 'retrain', parent: null, note: { preset: 'mobilenet_v3_small' } }, 0.92, 2);
  return store;
}

const membersOf = (id: number) => familyOf(study(), id)?.members.map(({ trial }) => trial);

describe('the family of a trial', () => {
  it.each([1, 2, 3, 4, 5, 6])('has every branch, whichever of it is named: %i', (id) => {
    expect(familyOf(study(), id)?.ancestor).toBe(1);
    expect(membersOf(id)).toEqual([1, 3, 4, 5, 6]);
  });

  it('is the network alone where nothing was made of it, and none of a trial that is not there', () => {
    expect(membersOf(7)).toEqual([7]);
    expect(membersOf(8)).toEqual([8]);
    expect(familyOf(study(), 99)).toBeUndefined();
  });

  it('says of each member its parent, step, what was cut, accuracy and latency with its interval', () => {
    const members = familyOf(study(), 1)?.members ?? [];
    expect(members.map(({ parent, step, change }) => [parent, step, change])).toEqual([
      [null, null, 'as the search found it'],
      [1, 1, 'expansion of block 3: 72 → 64 channels'],
      [3, 2, 'output of blocks 2 and 3: 24 → 16 channels'],
      [3, 1, 'squeezed width of block 2: 16 → 8 channels'],
      [4, null, 'trained from scratch, evaluated on the test set'],
    ]);
    expect(members[1]).toMatchObject({ accuracy: 0.89, latencyMs: 3 });
    for (const { latencyMs, latencyLowMs, latencyHighMs } of members) {
      expect(latencyLowMs).toBeLessThan(latencyMs ?? 0);
      expect(latencyHighMs).toBeGreaterThan(latencyMs ?? Infinity);
    }
  });

  it('says of kernels and blocks what became of them', () => {
    const store = createMemoryStore(STUDY);
    store.begin([newTrial({})], null);
    const note = { step: 1, targetMs: 2 };
    const kernel = { ...note, dimension: 'kernel:4', from: 5, to: 3 };
    const depth = { ...note, dimension: 'depth:7', from: 1, to: 0 };
    for (const one of [kernel, depth])
      store.begin([newTrial({ kind: 'netadapt', parent: 1, note: one })], null);
    expect(
      familyOf(store, 1)
        ?.members.slice(1)
        .map(({ change }) => change),
    ).toEqual(['kernel of block 4: 5×5 → 3×3', 'block 7 left out']);
  });

  it('is printed with the named one marked, cut to the width of the terminal', () => {
    const family = familyOf(study(), 4)!;
    const wide = familyTable(family, 4, { width: 120, colour: false });
    expect(wide.split('\n').filter((line) => line.startsWith('▸'))).toEqual([
      expect.stringMatching(/^▸ +4 +3 +2 +88\.00 % +2\.500 .*output of blocks 2 and 3: 24 → 16 channels$/),
    ]);
    expect(wide).toMatch(/ 6 +4 +– +91\.00 % \(test\)/);
    const narrow = familyTable(family, 4, { width: 60, colour: false });
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });
});
