import { describe, expect, it } from 'vitest';
import { finalPlan } from '../../src/app/retrain/phase.js';
import type { Session } from '../../src/app/study/session.js';
import { fakeStudy } from './samples.js';

const network = { text: 'nas1:…', parent: null, madds: 2e6 };

/** A study whose search trained a network of half the multiply-adds for 100 steps, a tenth of an epoch, in 10 s. */
function session(trained: boolean): Session {
  const curve = [{ epoch: 0.1, step: 100, seconds: 10 }];
  const store = {
    rows: () => (trained ? [{ trial: 1 }] : []),
    trial: (id: number) => (id === 1 ? { madds: 1e6, outcome: { state: 'done', curve } } : undefined),
    noted: () => ({
      ...{ classes: [], mean: [], deviation: [] },
      chance: { heldOut: { share: 0.1, pictures: 100 }, test: { share: 0.1, pictures: 640 } },
    }),
  };
  const spec = fakeStudy();
  return { spec: { ...spec, final: { ...spec.final, fillTime: true } }, store } as unknown as Session;
}

const secondsOf = (trained: boolean, seconds: number | null) =>
  finalPlan(session(trained), network, seconds, 'scratch').maxSeconds;

describe('the plan of a final training', () => {
  it('leaves the evaluation on the test set what it takes by the pace of the search', () => {
    // 0.2 s a step of 64 pictures, so half of that for 10 batches of test pictures; 6 s to begin.
    expect(secondsOf(true, 1000)).toBeCloseTo(1000 - 6 - 0.5 * 10 * 0.2, 9);
  });

  it('leaves it a share where no pace is known, and never more', () => {
    expect(secondsOf(false, 1000)).toBeCloseTo(1000 - 6 - 30, 9);
    expect(secondsOf(true, 20)).toBeCloseTo(20 - 6 - 0.6, 9);
  });

  it('ends by epochs without a time', () => {
    expect(secondsOf(true, null)).toBeUndefined();
  });
});
