import { describe, expect, it } from 'vitest';
import { resultProblem } from '../../src/queue/controller/result-problem.js';
import { ms, ratio } from '../../src/core/index.js';
import type { Done, LatencyRecord } from '../../src/trials/index.js';
import { job } from '../pool/helpers.js';

const latency: LatencyRecord = {
  ...{
    source: 'measured',
    platform: 'tensorflow',
    medianMs: ms(1),
    madMs: 0,
    p90Ms: ms(1),
    lowMs: 1,
    highMs: 1,
  },
  ...{ runs: 1, batch: 1, fingerprint: 'a', samplesMs: [1] },
};
const done: Done = { state: 'done', accuracy: ratio(0.5), latency, curve: [], seconds: 1, checkpoint: null };
const weights = { sha256: '0'.repeat(64), bytes: 1 };
const problem = (
  asked: Parameters<typeof job>[1],
  outcome: Partial<Done>,
  sent: typeof weights | null = null,
): string | null =>
  resultProblem(
    job(1, asked),
    { kind: 'outcome', worker: 'w', outcome: { ...done, ...outcome }, weights: sent },
    ['a'],
  );

describe('what a worker sends', () => {
  it('passes where it is what was asked for', () => {
    expect(problem({}, {})).toBeNull();
    expect(problem({ latency }, {})).toBeNull();
    expect(problem({ checkpoint: 'x' }, { checkpoint: 'x' }, weights)).toBeNull();
  });

  it.each([
    ['a latency of another device', {}, { latency: { ...latency, fingerprint: 'b' } }, /another device/],
    [
      'another latency than it was given',
      { latency },
      { latency: { ...latency, medianMs: ms(2) } },
      /another latency/,
    ],
    ['another file', { checkpoint: 'x' }, { checkpoint: 'y' }, /another file/],
    ['a file that was not asked for', {}, { checkpoint: 'y' }, /another file/],
    ['no weights', { checkpoint: 'x' }, { checkpoint: 'x' }, /no weights/],
  ] as const)('is refused with %s', (_, asked, outcome, text) => {
    expect(problem(asked, outcome)).toMatch(text);
  });
});
