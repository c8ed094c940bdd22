import { join } from 'node:path';
import { expect, it } from 'vitest';
import { spaceOf } from '../../src/app/study/session.js';
import { viewOfStudy, viewOfTrial } from '../../src/app/report/view.js';
import { answerTo } from '../../src/dashboard/answer.js';
import { studiesIn } from '../../src/dashboard/studies.js';
import { reportHtml, trialDetails, type TrialView } from '../../src/report/index.js';
import { createStudy, readStudy, type Trial } from '../../src/trials/index.js';
import { fakeStudy } from '../app/samples.js';
import { newTrial } from '../../src/testing/index.js';
import { fullRecord } from '../trials/full-record.js';
import { goOn, job, never, openPool, temporaryFolder, TEXT } from './helpers.js';

/** What shows each optional field of {@link fullRecord}, on the page and in the terminal. */
const WORDS = [
  /times 0.980 to compare with other sessions/,
  /times 1.010 to compare/,
  /clock 2400 → 2450 MHz, load 0.40, 51 °C/,
  /the quietest of 2 sessions/,
  /steps of 0.050 ms a run/,
  /a segment that no table has/,
];

it('a record with every field goes through a live host into the store, and from there to all who show it', async () => {
  using folder = temporaryFolder();
  await using opened = await openPool();
  const outcome = await opened.pool.evaluate(job(1, { latency: fullRecord }), never, goOn);
  expect(outcome).toMatchObject({ state: 'done' });
  if (outcome.state !== 'done') return;
  expect(outcome.latency).toEqual(fullRecord);

  const spec = fakeStudy();
  const home = join(folder.path, 'demo');
  {
    using store = createStudy(home, {
      ...{ name: 'demo', spec, spaceDigest: spaceOf(spec).digest, seed: '1', environment: {} },
    });
    store.begin([newTrial({ text: TEXT })], null);
    store.finish(1, outcome, 0, null);
  }
  using reader = readStudy(home);
  expect(reader.trial(1)?.outcome?.latency).toEqual(fullRecord);

  const text = answerTo(studiesIn(folder.path), { about: 'trial', name: 'demo', id: 1 });
  const { latencies } = JSON.parse(text) as TrialView;
  expect(latencies.map(({ platform, targetMs }) => [platform, targetMs])).toEqual([
    ['tensorflow', 4],
    ['onnxruntime', 2],
  ]);
  for (const { notes, samplesMs } of latencies) {
    expect(samplesMs).toHaveLength(fullRecord.samplesMs.length);
    for (const words of [...WORDS, /predicted before: 1.2/]) expect(notes.join('\n')).toMatch(words);
  }

  const shown = trialDetails(reader.trial(1) as Trial, { width: 400, colour: false }, { targetMs: 4 });
  for (const words of WORDS) expect(shown.match(new RegExp(words, 'g')), String(words)).toHaveLength(2);

  const trial = viewOfTrial(reader, 1);
  expect(JSON.parse(JSON.stringify(trial))).toEqual(JSON.parse(text));
  const html = reportHtml(
    { study: viewOfStudy(reader), trials: trial === undefined ? {} : { 1: trial } },
    { script: '', style: '', worker: '' },
  );
  const embedded = /<script id="nas-view" type="application\/json">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  const carried = JSON.parse(embedded) as { trials: Record<string, TrialView> };
  // A report's samples have six digits.
  const short = (value: number): number => Number(value.toPrecision(6));
  expect(carried.trials['1']?.latencies).toEqual(
    latencies.map((one) => ({ ...one, samplesMs: one.samplesMs.map(short) })),
  );
});
