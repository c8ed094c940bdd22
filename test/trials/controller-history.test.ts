import { describe, expect, it } from 'vitest';
import { createMemoryStore, readController, recordController } from '../../src/trials/index.js';
import type { TrialStore } from '../../src/trials/index.js';

const choices = [
  { choice: 'kernel', options: ['3', '5'] },
  { choice: 'skip', options: ['id', 'no', 'pool'] },
];
const at = (told: number) => [
  [told / 1e6, 1 - told / 1e6],
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

/** Tells 0 … `until`, in sessions of so many trials, and counts how often probabilities were asked for. */
function tell(into: TrialStore, until: number, session = Infinity): number {
  let asked = 0;
  let recorder = recordController(into, choices);
  for (let told = 0; told <= until; told++) {
    if (told % session === 0) recorder = recordController(into, choices);
    recorder.record(told, () => {
      asked++;
      return at(told);
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
    tell(into, 100);
    const history = readController(into);
    expect(history?.choices).toEqual(choices);
    expect(history?.snapshots.map(({ told }) => told)).toEqual(Array.from({ length: 101 }, (_, i) => i));
    expect(history?.snapshots[100]?.probabilities).toEqual([
      [0.0001, 0.9999],
      [0.2, 0.3, 0.5],
    ]);
  });

  it.each([255, 256, 1000, 5000, 100_000])('stays short and even over %i trials', (until) => {
    const into = store();
    const asked = tell(into, until);
    const told = readController(into)?.snapshots.map((snapshot) => snapshot.told) ?? [];
    expect(told.length).toBeLessThanOrEqual(257);
    expect(told.length).toBeGreaterThanOrEqual(Math.min(until + 1, 128));
    expect(told[0]).toBe(0);
    const steps = new Set(told.slice(1, -1).map((value, i) => value - told[i]!));
    expect(steps.size).toBe(1);
    expect(asked).toBeLessThanOrEqual(256 + 129 * Math.ceil(Math.log2(Math.max(1, until / 255))));
  });

  it('is the same whether told in one session or in many', () => {
    const [one, many] = [store(), store()];
    tell(one, 2000);
    tell(many, 2000, 37);
    expect(readController(many)).toEqual(readController(one));
  });

  it('leaves out notes that are no snapshots of this study', () => {
    const into = store();
    tell(into, 3);
    into.note('controller/1', { told: 1, probabilities: [[0.5, 0.5]] });
    into.note('controller/2', 'x');
    into.note('controller/9', { told: 'x', probabilities: at(1) });
    expect(readController(into)?.snapshots.map(({ told }) => told)).toEqual([0, 3]);
  });
});
