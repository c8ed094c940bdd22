import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { searchPhase } from '../../src/app/search/phase.js';
import { spaceOf, type Session } from '../../src/app/study/session.js';
import { createRetry, createRng } from '../../src/core/index.js';
import { fingerprintDigest, type Fingerprint } from '../../src/latency/index.js';
import type { Pool } from '../../src/pool/index.js';
import { formatArchitecture } from '../../src/space/index.js';
import { createMemoryStore, createStudy } from '../../src/trials/index.js';
import { done, latency, STUDY } from '../../src/testing/index.js';
import { fakeMeter, trueLatency } from '../netadapt/fakes.js';
import { fakeStudy, placesIn, smallSpace, temporaryFolder } from './samples.js';

const fingerprint: Fingerprint = {
  ...{ platform: 'fake', batch: 1, backend: 'fake', device: 'cpu', deviceName: 'test' },
  ...{ threads: 1, versions: {}, cpu: 'none', cores: 1, os: 'none' },
};

describe('the search of a study', { timeout: 120_000 }, () => {
  it('does not train what is predicted over the limit from what other studies measured', async () => {
    using folder = temporaryFolder();
    const places = placesIn(folder.path);
    const spec = fakeStudy({ space: smallSpace, targetMs: 1e-6, strategy: 'random', trials: 1000 });
    const space = spaceOf(spec);
    mkdirSync(places.runs);
    {
      using other = createStudy(join(places.runs, 'other'), { ...STUDY, name: 'other' });
      const rng = createRng('known');
      for (let k = 0; k < 30; k++) {
        const text = formatArchitecture(space.decode(space.sample(rng)));
        const counts = { genome: [0], params: 1, madds: 1, seed: 's', note: null };
        const [trial] = other.begin([{ kind: 'sample', parent: null, text, ...counts }], null);
        const record = {
          ...latency(trueLatency(text)),
          fingerprint: fingerprintDigest(fingerprint),
        };
        other.finish(trial!.id, { ...done(0.5, 1), latency: record }, 0.5, null);
      }
    }
    const store = createMemoryStore(STUDY);
    // As if the target were in reach: else the search would end before it begins.
    store.note('search.reachable', true);
    const pool = {
      ...fakeMeter(1, 0),
      ...{ slots: 1, fingerprint, fingerprints: [fingerprint], failure: null, hostPid: undefined },
      // The predictor is fitted meanwhile.
      evaluate: () => new Promise((resolve) => setTimeout(resolve, 100, done(0.5, 1))),
    } as unknown as Pool;
    const enough = new AbortController();
    const session: Session = {
      ...{ places, folder: folder.path, spec, space, store, signal: enough.signal },
      retry: createRetry({ limitSeconds: 0, onEvent: () => undefined }),
      log: () => undefined,
      newDevice: false,
      onStudyDevice: (trial) => Promise.resolve(trial),
      discard: () => undefined,
      pool: () => Promise.resolve(pool),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await searchPhase(session, () => {
      if (store.count({ states: ['infeasible'] }) > 0) enough.abort();
    });
    expect(store.rows({ states: ['infeasible'] })[0]).toMatchObject({ latencySource: 'predicted' });
  });
});
