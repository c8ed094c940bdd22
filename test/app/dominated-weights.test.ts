import { describe, expect, it } from 'vitest';
import { dropDominatedWeights, type Checkpoints } from '../../src/app/study/dominated-weights.js';
import { keptFiles } from '../../src/app/study/kept-files.js';
import { createRng } from '../../src/core/index.js';
import { done, latency, newTrial, STUDY } from '../../src/testing/index.js';
import {
  createMemoryStore,
  trialRow,
  type NewTrial,
  type TrialRow,
  type TrialStore,
} from '../../src/trials/index.js';
import { fakeStudy } from './samples.js';

const spec = fakeStudy({ targetMs: 4, searchFactor: 1.25 });
const studyOf = (): TrialStore => createMemoryStore({ ...STUDY, spec: spec });

/** The files as a search writes them; `frozen`: what would be removed stays, as after a kill. */
function fakeFiles() {
  const present = new Set<string>();
  const files = { frozen: false, removed: 0 };
  const checkpoints: Checkpoints = {
    names: () => [...present],
    remove(name) {
      files.removed++;
      if (!files.frozen) present.delete(name);
    },
  };
  return { present, files, checkpoints };
}

function begin(store: TrialStore, over: Partial<NewTrial> = {}): number {
  const [trial] = store.begin([newTrial(over)], null);
  return trial!.id;
}

interface Result {
  readonly accuracy: number;
  readonly ms: number;
  readonly device?: string;
}

/** Writes the file and commits the trial, as a search does. */
function finish(
  store: TrialStore,
  present: Set<string>,
  id: number,
  { accuracy, ms, device }: Result,
): TrialRow {
  const checkpoint = `trial-${id}.weights`;
  present.add(checkpoint);
  const outcome = done(accuracy, ms, { checkpoint, latency: latency(ms, { fingerprint: device ?? 'fp' }) });
  return trialRow(store.finish(id, outcome, null, null));
}

const keptOf = (store: TrialStore): readonly string[] => [...keptFiles(store).keys()].sort();
const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

describe('a search that keeps the frontier', () => {
  it('drops what a trial dominates, or the trial itself, after it was committed', async () => {
    const store = studyOf();
    const { present, checkpoints } = fakeFiles();
    const weights = await dropDominatedWeights(store, spec.latency, checkpoints);
    const left = (accuracy: number, ms: number): readonly string[] => {
      weights.committed(finish(store, present, begin(store), { accuracy, ms }));
      return sorted(present);
    };
    const names = (...ids: readonly number[]): readonly string[] => ids.map((id) => `trial-${id}.weights`);
    expect(left(0.5, 2)).toEqual(names(1));
    expect(left(0.4, 3)).toEqual(names(1));
    expect(left(0.7, 3)).toEqual(names(1, 3));
    expect(left(0.8, 1)).toEqual(names(4));
    expect(left(0.9, 4.5)).toEqual(names(4, 5));
    expect(left(0.95, 9)).toEqual(names(4, 5, 6));
  });

  it('is left with the files that nas prune keeps, at each moment and on each device', async () => {
    const store = studyOf();
    const { present, checkpoints } = fakeFiles();
    const weights = await dropDominatedWeights(store, spec.latency, checkpoints);
    const rng = createRng('trials');
    for (let n = 0; n < 120; n++) {
      const result = {
        accuracy: rng.uniform(),
        ms: 1 + 6 * rng.uniform(),
        device: n % 3 === 0 ? 'other' : 'fp',
      };
      weights.committed(finish(store, present, begin(store), result));
      expect(sorted(present)).toEqual(keptOf(store));
    }
    expect(present.size).toBeLessThan(40);
  });

  it('reads all rows at the start only, also of a study of 2,000 trials', async () => {
    const store = studyOf();
    const { files, present, checkpoints } = fakeFiles();
    let reads = 0;
    const counted: TrialStore = {
      ...store,
      rows: (query) => (reads++, store.rows(query)),
      pages: (filter) => (reads++, store.pages(filter)),
      trials: (filter) => (reads++, store.trials(filter)),
      trial: (id) => (reads++, store.trial(id)),
    };
    const weights = await dropDominatedWeights(counted, spec.latency, checkpoints);
    const before = reads;
    const rng = createRng('many');
    for (let n = 0; n < 2000; n++) {
      const ms = 1 + 6 * rng.uniform();
      weights.committed(
        finish(store, present, begin(store), { accuracy: ms / 10 + 0.3 * rng.uniform(), ms }),
      );
    }
    expect(reads).toBe(before);
    expect(sorted(present)).toEqual(keptOf(store));
    // Each file went once: what is dropped is never looked at again.
    expect(files.removed).toBe(2000 - present.size);
  });

  it('drops at the next start what a kill between row and file has left', async () => {
    const store = studyOf();
    const { files, present, checkpoints } = fakeFiles();
    const weights = await dropDominatedWeights(store, spec.latency, checkpoints);
    files.frozen = true;
    const results = [
      [0.5, 2],
      [0.4, 3],
      [0.7, 1],
    ] as const;
    for (const [accuracy, ms] of results)
      weights.committed(finish(store, present, begin(store), { accuracy, ms }));
    expect(present.size).toBe(3);
    files.frozen = false;
    const { dropped } = await dropDominatedWeights(store, spec.latency, checkpoints);
    expect([dropped, sorted(present)]).toEqual([2, ['trial-3.weights']]);
  });

  it('keeps every step of NetAdapt, dominated or not, also where it has the file of its proposal', async () => {
    const store = studyOf();
    const { present, checkpoints } = fakeFiles();
    finish(store, present, begin(store), { accuracy: 0.9, ms: 3 });
    const proposal = begin(store, { kind: 'proposal', parent: 1 });
    finish(store, present, proposal, { accuracy: 0.6, ms: 2 });
    const step = begin(store, { kind: 'netadapt', parent: 1 });
    store.finish(step, done(0.6, 2, { checkpoint: 'trial-2.weights', latency: latency(2) }), null, null);
    const weights = await dropDominatedWeights(store, spec.latency, checkpoints);
    weights.committed(finish(store, present, begin(store), { accuracy: 0.95, ms: 1 }));
    expect(sorted(present)).toEqual(['trial-2.weights', 'trial-4.weights']);
    await dropDominatedWeights(store, spec.latency, checkpoints);
    expect(sorted(present)).toEqual(['trial-2.weights', 'trial-4.weights']);
  });

  it('leaves the files of running trials, of no trial of the study, and of retrained networks', async () => {
    const store = studyOf();
    const { present, checkpoints } = fakeFiles();
    finish(store, present, begin(store), { accuracy: 0.9, ms: 1 });
    const running = begin(store);
    const again = begin(store, { kind: 'retrain', parent: 1 });
    finish(store, present, again, { accuracy: 0.1, ms: 5 });
    for (const name of [`trial-${running}.weights`, 'trial-99.weights']) present.add(name);
    const all = sorted(present);
    const weights = await dropDominatedWeights(store, spec.latency, checkpoints);
    expect(sorted(present)).toEqual(all);
    weights.committed(finish(store, present, running, { accuracy: 0.95, ms: 0.5 }));
    expect(sorted(present)).toEqual(all.filter((name) => name !== 'trial-1.weights'));
  });

  it('leaves the seed of a refinement that can be resumed', async () => {
    const store = studyOf();
    const { present, checkpoints } = fakeFiles();
    finish(store, present, begin(store), { accuracy: 0.8, ms: 5 });
    begin(store, { kind: 'proposal', parent: 1, note: { targetMs: 2 } });
    const weights = await dropDominatedWeights(store, spec.latency, checkpoints);
    weights.committed(finish(store, present, begin(store), { accuracy: 0.9, ms: 1 }));
    expect(sorted(present)).toEqual(['trial-1.weights', 'trial-3.weights']);
  });

  it('leaves a file that a trial timed again shares with one that is dominated elsewhere', async () => {
    const store = studyOf();
    const { present, checkpoints } = fakeFiles();
    finish(store, present, begin(store), { accuracy: 0.8, ms: 2, device: 'former' });
    const again = begin(store, { parent: 1 });
    const shared = { checkpoint: 'trial-1.weights', latency: latency(2, { fingerprint: 'fp' }) };
    store.finish(again, done(0.8, 2, shared), null, null);
    const weights = await dropDominatedWeights(store, spec.latency, checkpoints);
    weights.committed(finish(store, present, begin(store), { accuracy: 0.9, ms: 1 }));
    expect(present).toContain('trial-1.weights');
    weights.committed(finish(store, present, begin(store), { accuracy: 0.9, ms: 1, device: 'former' }));
    expect(sorted(present)).toEqual(['trial-3.weights', 'trial-4.weights']);
  });
});
