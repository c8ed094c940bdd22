import { describe, expect, it } from 'vitest';
import { createMemoryStore, readController, recordController } from '../../src/trials/index.js';
import type { TrialStore } from '../../src/trials/index.js';

const choices = [
  { choice: 'kernel', options: ['3', '5'] },
  { choice: 'skip', options: ['id', 'no', 'pool'] },
];
const at = (reported: number) => [
  [reported / 1e6, 1 - reported / 1e6],
  [0.2, 0.3, 0.5],
];

function store(): TrialStore {
  return createMemoryStore({
    name: 's',
    spec: {},
    spaceDigest: 'd',
    seed: '1',
    createdAt: 0,
    environment: {},
  });
}

/** Reports 0 … `until`, in sessions of `session` trials, and counts how often probabilities were asked for. */
function report(into: TrialStore, until: number, session = Infinity): number {
  let asked = 0;
  let recorder = recordController(into, choices);
  for (let reported = 0; reported <= until; reported++) {
    if (reported % session === 0) recorder = recordController(into, choices);
    recorder.record(reported, () => {
      asked++;
      return at(reported);
    });
  }
  return asked;
}

describe('the history of a controller', () => {
  it('is not there before the first snapshot', () => {
    expect(readController(store())).toBeUndefined();
  });

  it('keeps every snapshot of a short search, rounded', () => {
    const into = store();
    report(into, 100);
    const history = readController(into);
    expect(history?.choices).toEqual(choices);
    expect(history?.snapshots.map(({ reported }) => reported)).toEqual(
      Array.from({ length: 101 }, (_, i) => i),
    );
    expect(history?.snapshots[100]?.probabilities).toEqual([
      [0.0001, 0.9999],
      [0.2, 0.3, 0.5],
    ]);
  });

  it.each([255, 256, 1000, 5000, 100_000])('stays short and even over %i trials', (until) => {
    const into = store();
    const asked = report(into, until);
    const reported = readController(into)?.snapshots.map((snapshot) => snapshot.reported) ?? [];
    expect(reported.length).toBeLessThanOrEqual(257);
    expect(reported.length).toBeGreaterThanOrEqual(Math.min(until + 1, 128));
    expect(reported[0]).toBe(0);
    const steps = new Set(reported.slice(1, -1).map((value, i) => value - reported[i]!));
    expect(steps.size).toBe(1);
    expect(asked).toBeLessThanOrEqual(256 + 129 * Math.ceil(Math.log2(Math.max(1, until / 255))));
  });

  it('is the same whether reported in one session or in many', () => {
    const [one, many] = [store(), store()];
    report(one, 2000);
    report(many, 2000, 37);
    expect(readController(many)).toEqual(readController(one));
  });

  it('leaves out notes that are no snapshots of this study', () => {
    const into = store();
    report(into, 3);
    into.note('controller/1', { reported: 1, probabilities: [[0.5, 0.5]] });
    into.note('controller/2', 'x');
    into.note('controller/9', { reported: 'x', probabilities: at(1) });
    expect(readController(into)?.snapshots.map(({ reported }) => reported)).toEqual([0, 3]);
  });

  it('reads snapshots of earlier versions', () => {
    const into = store();
    report(into, 0);
    into.note('controller/1', { told: 1, probabilities: at(1) });
    expect(readController(into)?.snapshots[1]).toEqual({ reported: 1, probabilities: at(1) });
  });
});
