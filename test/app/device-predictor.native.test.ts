import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { devicePredictor } from '../../src/app/search/device-predictor.js';
import { spaceOf } from '../../src/app/study/session.js';
import { createRng } from '../../src/core/index.js';
import {
  fingerprintDigest,
  fitAside,
  fitPredictor,
  type Fingerprint,
  type Predictor,
  type TimedNetwork,
} from '../../src/latency/index.js';
import { formatArchitecture, parseArchitecture } from '../../src/space/index.js';
import { createStudy, trialRow, type TrialRow, type TrialStore } from '../../src/trials/index.js';
import { done, latency, STUDY } from '../../src/testing/index.js';
import { trueLatency } from '../netadapt/fakes.js';
import { fakeStudy, placesIn, smallSpace, temporaryFolder } from './samples.js';

const fingerprint: Fingerprint = {
  ...{ platform: 'fake', batch: 1, backend: 'fake', device: 'cpu', deviceName: 'test' },
  ...{ threads: 1, versions: {}, cpu: 'none', cores: 1, os: 'none' },
};
const space = spaceOf(fakeStudy({ space: smallSpace }));
const rng = createRng('predictor');
const networks: readonly TimedNetwork[] = Array.from({ length: 60 }, () =>
  formatArchitecture(space.decode(space.sample(rng))),
).map((text) => ({ text, medianMs: trueLatency(text) }));

function add(store: TrialStore, { text, medianMs }: TimedNetwork): TrialRow {
  const counts = { genome: [0], params: 1, madds: 1, seed: 's', note: null };
  const [trial] = store.begin([{ kind: 'sample', parent: null, text, ...counts }], null);
  const record = { ...latency(medianMs), fingerprint: fingerprintDigest(fingerprint) };
  return trialRow(store.finish(trial!.id, { ...done(0.5, medianMs), latency: record }, 0.5, null));
}

/** A runs folder with one study of the given number of measured networks, and rows of the present search after it. */
function known(count: number) {
  const folder = temporaryFolder();
  const places = placesIn(folder.path);
  mkdirSync(places.runs);
  const studyIn = (name: string) => createStudy(join(places.runs, name), { ...STUDY, name });
  {
    using store = studyIn('other');
    for (const network of networks.slice(0, count)) add(store, network);
  }
  const present = createStudy(join(folder.path, 'present'), { ...STUDY, name: 'present' });
  return {
    places,
    present,
    rows: networks.slice(count).map((network) => add(present, network)),
    [Symbol.dispose]() {
      present[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** A fit that ends when the test says so. */
function heldFit() {
  const asked: { count: number; end: (predictor: Predictor | null) => void; fail: (error: Error) => void }[] =
    [];
  const fit = (given: readonly TimedNetwork[]) =>
    new Promise<Predictor | null>((end, fail) => asked.push({ count: given.length, end, fail }));
  return { asked, fit };
}

const predicting = (medianMs: number) =>
  ({ predict: () => ({ medianMs, lowMs: medianMs, highMs: medianMs, lacking: [] }) }) as unknown as Predictor;
const { text } = networks[0]!;

describe('the latency predictor', () => {
  it('uses the former predictor, or none, until the next one is fitted', async () => {
    using study = known(30);
    const { asked, fit } = heldFit();
    const made = await devicePredictor(study.places, fingerprint, study.present, fit);
    expect(asked.map(({ count }) => count)).toEqual([30]);
    expect(made.predict(text)).toBeNull();
    for (const row of study.rows.slice(0, 15)) made.learn(row);
    expect(asked).toHaveLength(1);
    asked[0]!.end(predicting(1));
    await made.fitted();
    expect(made.predict(text)).toMatchObject({ medianMs: 1, source: 'predicted' });
    made.learn(study.rows[15]!);
    expect(asked.map(({ count }) => count)).toEqual([30, 46]);
    expect(made.predict(text)?.medianMs).toBe(1);
    asked[1]!.end(predicting(2));
    await made.fitted();
    expect(made.predict(text)?.medianMs).toBe(2);
  });

  it('keeps the former predictor where a fit fails, and tries again with more to learn from', async () => {
    using study = known(30);
    const { asked, fit } = heldFit();
    const made = await devicePredictor(study.places, fingerprint, study.present, fit);
    asked[0]!.end(predicting(1));
    await made.fitted();
    for (const row of study.rows.slice(0, 10)) made.learn(row);
    asked[1]!.fail(new Error('out of memory'));
    await made.fitted();
    expect(made.predict(text)?.medianMs).toBe(1);
    for (const row of study.rows.slice(10, 20)) made.learn(row);
    expect(asked).toHaveLength(3);
  });

  it('knows nothing from too few networks, or of another device', async () => {
    using study = known(30);
    const { asked, fit } = heldFit();
    await devicePredictor(study.places, { ...fingerprint, deviceName: 'another' }, study.present, fit);
    expect(asked).toEqual([]);
  });
});

describe('a fit in a separate thread', () => {
  it('predicts what one on this thread does, and passes over what it cannot read', async () => {
    const here = fitPredictor(
      networks.map((one) => ({ architecture: parseArchitecture(one.text), medianMs: one.medianMs })),
    );
    const aside = await fitAside([...networks, { text: 'nas1:broken', medianMs: 1 }]);
    const architecture = parseArchitecture(text);
    expect(aside?.predict(architecture)).toEqual(here?.predict(architecture));
    expect(await fitAside(networks.slice(0, 3))).toBeNull();
  });
});
