import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resumeSession, spaceOf } from '../../src/app/study/session.js';
import { createStudy, type Outcome } from '../../src/trials/index.js';
import { newTrial } from '../../src/testing/index.js';
import { fakeStudy, placesIn, temporaryFolder } from './samples.js';

it('a trial that ends, however it does, leaves no training state; one that is unfinished keeps its own', async () => {
  using folder = temporaryFolder();
  const places = placesIn(folder.path);
  const home = join(places.runs, 'demo');
  const spec = fakeStudy();
  createStudy(home, {
    ...{ name: 'demo', spec, spaceDigest: spaceOf(spec).digest, seed: '1', environment: {} },
  })[Symbol.dispose]();
  const state = (trial: number) => join(home, 'checkpoints', `trial-${trial}.training`);
  mkdirSync(join(home, 'checkpoints'));
  const signal = new AbortController().signal;
  await using session = await resumeSession('demo', { places, signal });
  const { store } = session;
  const rest = { latency: null, curve: [], seconds: 1 };
  const ends: readonly Outcome[] = [
    { state: 'stopped', reason: 'out of time', ...rest },
    { state: 'failed', reason: 'crashed twice', ...rest },
  ];
  const begun = store.begin([newTrial(), newTrial(), newTrial()], null);
  for (const { id } of begun) writeFileSync(state(id), 'x');
  ends.forEach((outcome, i) => store.finish(begun[i]!.id, outcome, null, null));
  expect(begun.map(({ id }) => existsSync(state(id)))).toEqual([false, false, true]);
});
