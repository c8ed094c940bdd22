import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppEvent } from '../../src/app/events.js';
import { beginStudy, prepareStudy, type NewStudyOptions } from '../../src/app/study/prepare.js';
import { retrainPhase } from '../../src/app/retrain/phase.js';
import { resumeSession, type Session } from '../../src/app/study/session.js';
import { isFinished, runClock, wholeRun } from '../../src/app/start/whole-run.js';
import { readStudy, type TrialRow } from '../../src/trials/index.js';
import { writePictures } from './pictures.js';
import { placesIn, temporaryFolder } from './samples.js';

/** The whole recipe on the test double: real processes, made-up accuracies, no weights worth exporting. */
const requested = (folder: string): NewStudyOptions => ({
  study: 'demo',
  data: { name: `images:${join(folder, 'pictures')}`, folder, heldOut: 0.2, size: 28, limit: null },
  space: 'mobilenetv3',
  targetMs: 9,
  gate: 100,
  strategy: 'random',
  trials: 6,
  mode: 'batch',
  backend: 'fake',
  batch: 8,
  workers: 2,
  epochs: 2,
  finalEpochs: 20,
  delta: 0.1,
  finetuneSteps: 3,
  proposals: 3,
  scaled: [],
});

type Stop = (event: AppEvent) => boolean;
const searched: Stop = (event) =>
  event.phase === 'search' && event.event.kind === 'finished' && event.event.trial.id >= 3;
const accepted: Stop = (event) => event.phase === 'refine' && event.event.type === 'accepted';
const retraining: Stop = (event) => event.phase === 'retrain' && event.progress.phase === 'training';

interface Sessions {
  readonly folder: string;
  /** Runs until `stop`, in a separate session. */
  run(stop: Stop): ReturnType<typeof wholeRun>;
  rows(): readonly TrialRow[];
}

async function study(folder: string): Promise<Sessions> {
  await writePictures(join(folder, 'pictures'), 28, 40);
  const places = placesIn(folder);
  let begun = false;
  const open = async (signal: AbortSignal): Promise<Session> => {
    const options = { places, signal };
    if (begun) return resumeSession('demo', options);
    const session = await beginStudy(await prepareStudy(requested(folder)), options);
    begun = true;
    return session;
  };
  return {
    folder,
    async run(stop) {
      const controller = new AbortController();
      await using session = await open(controller.signal);
      const clock = runClock(session.store, session.spec.budget.seconds);
      return await wholeRun(session, clock, (event) => {
        if (stop(event)) controller.abort(new Error('a test'));
      });
    },
    rows() {
      using reader = readStudy(join(places.runs, 'demo'));
      return reader.rows();
    },
  };
}

const never: Stop = () => false;
const kinds = (rows: readonly TrialRow[], ...wanted: string[]): readonly TrialRow[] =>
  rows.filter((row) => wanted.includes(row.kind));
const summary = ({ kind, state, text, accuracy, latencyMs }: TrialRow): unknown[] => [
  ...[kind, state, text, accuracy, latencyMs],
];

describe('the whole recipe', { timeout: 60_000 }, () => {
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  let straight: Sessions;
  let interrupted: Sessions;
  let settled: readonly PromiseSettledResult<unknown>[];

  beforeAll(async () => {
    [straight, interrupted] = await Promise.all([study(folders[0].path), study(folders[1].path)]);
    settled = await Promise.allSettled([straight.run(never), interruptedThrice(interrupted)]);
  }, 180_000);
  afterAll(() => {
    for (const folder of folders) folder[Symbol.dispose]();
  });

  async function interruptedThrice({ run, rows }: Sessions): Promise<void> {
    expect((await run(searched)).ended).toBe('interrupted');
    expect(kinds(rows(), 'sample').length).toBeGreaterThanOrEqual(3);
    expect(kinds(rows(), 'proposal', 'netadapt', 'retrain')).toEqual([]);

    expect((await run(accepted)).ended).toBe('interrupted');
    const samples = kinds(rows(), 'sample');
    expect(samples).toHaveLength(6);
    expect(kinds(rows(), 'netadapt')).toHaveLength(1);

    expect((await run(retraining)).ended).toBe('interrupted');
    expect(kinds(rows(), 'sample')).toEqual(samples);
    expect(kinds(rows(), 'retrain')).toMatchObject([{ state: 'running', accuracy: null }]);
    await run(never);
  }

  it("finds out when the exported weights are not those of the accuracy, as the double's are not", () => {
    for (const run of settled) {
      expect(run).toMatchObject({ status: 'rejected', reason: { code: 'NAS_EXPORT_DIFFERS' } });
    }
    const [final] = kinds(straight.rows(), 'retrain');
    const exports = join(straight.folder, `runs/demo/exports/trial-${final?.trial}`);
    expect(existsSync(join(exports, 'json'))).toBe(true);
    expect(existsSync(join(exports, 'tfjs'))).toBe(false);
    using reader = readStudy(join(straight.folder, 'runs/demo'));
    expect(isFinished(reader)).toBe(false);
  });

  it('interrupted in each phase resumes to the same end', () => {
    for (const { rows } of [interrupted, straight]) {
      expect(rows().filter((row) => row.state === 'running')).toEqual([]);
      expect(kinds(rows(), 'retrain')).toMatchObject([{ state: 'done' }]);
    }
    const steps = ['sample', 'netadapt', 'retrain'];
    expect(kinds(interrupted.rows(), ...steps).map(summary)).toEqual(
      kinds(straight.rows(), ...steps).map(summary),
    );
  });

  it('shrinks from the most accurate trial within the target, and retrains the best that meets it', () => {
    const all = straight.rows();
    const within = kinds(all, 'sample', 'netadapt').filter(
      (row) => row.state === 'done' && (row.latencyMs ?? 99) <= 9,
    );
    const best = (some: readonly TrialRow[]): TrialRow | undefined =>
      some.toSorted((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0))[0];
    const [first] = kinds(all, 'netadapt');
    const [final] = kinds(all, 'retrain');
    expect(first?.parent).toBe(best(kinds(within, 'sample'))?.trial);
    expect(final?.parent).toBe(best(within)?.trial);
    // An accepted step keeps weights for the next one, and is faster than what it comes from.
    for (const step of kinds(all, 'netadapt')) {
      const parent = all.find((row) => row.trial === step.parent);
      expect(step.latencyMs).toBeLessThan(parent?.latencyMs ?? 0);
      expect(step.checkpoint).not.toBeNull();
    }
  });

  it('retrains any trial by name, by the final plan', async () => {
    const { signal } = new AbortController();
    await using session = await resumeSession('demo', { places: placesIn(straight.folder), signal });
    const trial = await retrainPhase(session, { trial: 1, seconds: null }, () => undefined);
    expect(trial).toMatchObject({ kind: 'retrain', parent: 1, text: session.store.trial(1)?.text });
    expect(trial.outcome?.state === 'done' && trial.outcome.curve.at(-1)?.step).toBe(100);
  });
});
