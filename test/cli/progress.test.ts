import { expect, it } from 'vitest';
import { progressView } from '../../src/cli/progress.js';
import { STUDY, done, newTrial } from '../../src/testing/index.js';
import { bestSoFar, createMemoryStore, type Outcome } from '../../src/trials/index.js';
import { silent } from './silent.js';

const REASON = `the program gave no number but a long explanation: ${'word '.repeat(60)}end`;

it.each([
  ['a file whole', false],
  ['a terminal cut to its width', true],
])('the reason of a failed trial goes to %s', async (_, live) => {
  const store = createMemoryStore(STUDY);
  store.begin([newTrial()], null);
  const failed: Outcome = {
    state: 'failed',
    reason: REASON,
    latency: done(0.5, 1).latency,
    curve: [],
    seconds: 1,
  };
  const trial = store.finish(1, failed, null, null);
  const lines: string[] = [];
  const output = { ...silent, live, note: (text: string) => lines.push(text) };
  const view = progressView(output, await bestSoFar(store, 1));
  const status = { ...{ finished: 1, infeasible: 0, failed: 1 }, ...{ secondsUsed: 1, secondsLeft: null } };
  view.listen({ phase: 'search', event: { kind: 'finished', trial, status } } as never);
  expect(lines.at(-1)?.endsWith('end')).toBe(!live);
});
