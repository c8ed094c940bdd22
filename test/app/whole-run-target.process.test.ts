import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEAST_OBSERVATIONS } from '../../src/latency/index.js';
import { beginStudy, prepareStudy, type NewStudyOptions } from '../../src/app/study/prepare.js';
import type { Session } from '../../src/app/study/session.js';
import { isFinished, runClock, wholeRun } from '../../src/app/start/whole-run.js';
import { maddsOf, parseArchitecture } from '../../src/space/index.js';
import { readStudy, type Outcome, type Trial } from '../../src/trials/index.js';
import { writePictures } from './pictures.js';
import { placesIn, temporaryFolder } from './samples.js';

/** Whole runs on the test double, each a separate study in one runs folder. */
describe('a whole run', { timeout: 120_000 }, () => {
  const folder = temporaryFolder();
  const places = placesIn(folder.path);
  beforeAll(() => writePictures(join(folder.path, 'pictures'), 28, 40));
  afterAll(() => {
    folder[Symbol.dispose]();
  });

  async function run(
    study: string,
    requested: Partial<NewStudyOptions>,
    changed: (session: Session) => Session = (session) => session,
  ): Promise<PromiseSettledResult<Awaited<ReturnType<typeof wholeRun>>>> {
    const prepared = await prepareStudy({
      study,
      data: {
        ...{ name: `images:${join(folder.path, 'pictures')}`, folder: folder.path },
        ...{ heldOut: 0.2, size: 28, limit: null },
      },
      ...{ space: 'mobilenetv3', targetMs: 9, gate: 100, strategy: 'random', trials: 4, mode: 'batch' },
      ...{ backend: 'fake', batch: 8, workers: 2, epochs: 1, finalEpochs: 2 },
      ...{ delta: 0.3, finetuneSteps: 2, proposals: 2, scaled: [] },
      ...requested,
    });
    await using session = await beginStudy(prepared, { places, signal: new AbortController().signal });
    const clock = runClock(session.store, null);
    const [ending] = await Promise.allSettled([wholeRun(changed(session), clock, () => undefined)]);
    return ending;
  }
  function trials(study: string): readonly Trial[] {
    using reader = readStudy(join(places.runs, study));
    return [...reader.trials()];
  }
  const retrained = (study: string): Trial[] => trials(study).filter(({ kind }) => kind === 'retrain');
  const finished = (study: string): boolean => {
    using reader = readStudy(join(places.runs, study));
    return isFinished(reader);
  };
  /** The double keeps no weights worth exporting, which the export finds: the run came to its last phase. */
  const atExport = { status: 'rejected', reason: { code: 'NAS_EXPORT_DIFFERS' } };

  it('comes to its end also when latencies are predicted from earlier runs', async () => {
    const many = { mode: 'async', trials: LEAST_OBSERVATIONS + 4 } as const;
    expect(await run('first', many)).toMatchObject(atExport);
    expect(await run('second', { ...many, trials: 6, seed: '2' })).toMatchObject(atExport);
    const predicted = trials('second').filter(({ outcome }) => outcome?.latency?.predicted !== undefined);
    expect(predicted.filter(({ kind }) => kind === 'sample').length).toBeGreaterThan(0);
    const [final] = retrained('second');
    expect(final?.state).toBe('done');
    const parent = trials('second').find(({ id }) => id === final?.parent);
    // Timed again in a session of its own, on the same device.
    const { platform, fingerprint, batch } = parent?.outcome?.latency ?? {};
    expect(final?.outcome?.latency).toMatchObject({ platform, fingerprint, batch });
    expect(final?.outcome?.latency?.medianMs).toBeLessThanOrEqual(9);
  });

  it.each([
    ['trained but over it', { gate: 100 }, 'done'],
    ['too slow to be trained', { gate: 1 }, 'infeasible'],
  ] as const)('scales a preset where every candidate is %s', async (name, requested, state) => {
    const study = name.replaceAll(' ', '-');
    const targetMs = 0.5;
    expect(await run(study, { ...requested, targetMs })).toMatchObject(atExport);
    const samples = trials(study).filter(({ kind }) => kind === 'sample');
    expect(samples.map((trial) => trial.state)).toEqual([state, state, state, state]);
    const [final] = retrained(study);
    expect(final).toMatchObject({ state: 'done', parent: null, genome: null });
    expect(final?.note).toMatchObject({ preset: 'mobilenet_v3_small', why: expect.any(String) as string });
    expect(final?.madds).toBe(maddsOf(parseArchitecture(final?.text ?? '')));
    expect(final?.outcome?.latency?.medianMs).toBeLessThanOrEqual(targetMs);
    expect(final?.outcome?.latency?.medianMs).toBeGreaterThan(targetMs / 2);
  });

  it('is refused before anything is trained where not even the narrowest preset meets the target', async () => {
    const refused = { status: 'rejected', reason: { code: 'NAS_TARGET_UNREACHABLE' } };
    expect(await run('impossible', { targetMs: 1e-4, gate: 1 })).toMatchObject(refused);
    expect(existsSync(join(places.runs, 'impossible/trials.sqlite'))).toBe(false);
  });

  it('retrains the fastest where candidates were trained and nothing meets the target', async () => {
    expect(await run('fastest', { targetMs: 1e-4, gate: 1e6 })).toMatchObject(atExport);
    const [final] = retrained('fastest');
    const all = trials('fastest').flatMap(({ outcome }) => outcome?.latency?.medianMs ?? []);
    expect(final?.outcome?.latency?.medianMs).toBe(Math.min(...all));
    expect(final?.outcome?.latency?.medianMs).toBeGreaterThan(1e-4);
  });

  it('is not finished by a training that failed: the same call trains again', async () => {
    const failure: Outcome = { state: 'failed', reason: 'diverged', latency: null, curve: [], seconds: 1 };
    const failing = (session: Session): Session => ({
      ...session,
      pool: async (kind) => {
        const pool = await session.pool(kind);
        return kind === 'exclusive' ? { ...pool, evaluate: () => Promise.resolve(failure) } : pool;
      },
    });
    expect(await run('failed', {}, failing)).toMatchObject({
      status: 'fulfilled',
      value: { ended: 'failed', final: { state: 'failed' }, exported: [] },
    });
    expect(finished('failed')).toBe(false);
    expect(retrained('failed')).toMatchObject([{ state: 'failed' }]);
  });
});
