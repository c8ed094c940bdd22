import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginStudy, prepareStudy } from '../../src/app/study/prepare.js';
import { spreadOfRepeats } from '../../src/app/replay/evaluate.js';
import { asTrained } from '../../src/app/replay/plan.js';
import { replayTrial } from '../../src/app/replay/replay.js';
import { runClock, wholeRun } from '../../src/app/start/whole-run.js';
import { digest, ms, ratio } from '../../src/core/index.js';
import { replayReport, type Replayed } from '../../src/report/index.js';
import {
  createStudy,
  readStudy,
  type Done,
  type Trial,
  type TrialKind,
  type TrialReader,
} from '../../src/trials/index.js';
import { writePictures } from './pictures.js';
import { fullRecord } from '../trials/full-record.js';
import { placesIn, temporaryFolder } from './samples.js';

const style = { width: 100, colour: false };
const wide = { width: 300, colour: false };

/** Every file of a study with its content and its time. */
function stateOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const found = statSync(path);
      return found.isFile() ? `${name} ${digest(readFileSync(path, 'hex'))} ${found.mtimeMs}` : name;
    });
}

/** On the test double: real processes, made-up numbers that are the same each time. */
describe('replayTrial', { timeout: 60_000 }, () => {
  const folder = temporaryFolder();
  const places = placesIn(folder.path);
  const home = join(places.runs, 'demo');
  let reader: TrialReader;

  beforeAll(async () => {
    await writePictures(join(folder.path, 'pictures'), 28, 20);
    const name = `images:${join(folder.path, 'pictures')}`;
    const prepared = await prepareStudy({
      ...{
        study: 'demo',
        space: 'mobilenetv3',
        targetMs: 9,
        gate: 1.5,
        strategy: 'random',
        trials: 10,
        scaled: [],
      },
      data: { name, folder: folder.path, heldOut: 0.2, size: 28, limit: null },
      ...{ mode: 'batch', backend: 'fake', batch: 8, workers: 2, epochs: 2, finalEpochs: 4 },
      ...{ delta: 0.2, finetuneSteps: 3, proposals: 2 },
    });
    await using session = await beginStudy(prepared, { places, signal: new AbortController().signal });
    await expect(wholeRun(session, runClock(session.store, null), () => undefined)).rejects.toThrow(
      /exported network/,
    );
  }, 60_000);
  beforeAll(() => {
    reader = readStudy(home);
  });
  afterAll(() => {
    reader[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  const { signal } = new AbortController();
  const replay = (trial: number, from = reader): Promise<Replayed> =>
    replayTrial(places, from, { trial, dataFolder: null, signal });
  const first = (kind: TrialKind, state: Trial['state'] = 'done'): number => {
    const row = reader.rows({ kinds: [kind], states: [state] })[0];
    if (row === undefined) throw new Error(`no ${kind} that is ${state}`);
    return row.trial;
  };

  /** The same trial as the only one of another study, with another outcome stored. */
  function stored(study: string, trial: number, change: (outcome: Done) => Done): TrialReader {
    const found = reader.trial(trial);
    if (found?.outcome?.state !== 'done') throw new Error('no done trial');
    const { kind, genome, text, params, madds, seed, note } = found;
    const at = join(places.runs, study);
    {
      const { createdAt: _createdAt, ...rest } = reader.study;
      using store = createStudy(at, { ...rest, name: study });
      store.begin([{ kind, parent: null, genome, text, params, madds, seed, note }], null);
      store.finish(1, change(found.outcome), null, null);
    }
    return readStudy(at);
  }

  it.each<[TrialKind, Trial['state']]>([
    ['sample', 'done'],
    ['sample', 'infeasible'],
    ['proposal', 'done'],
    ['netadapt', 'done'],
    ['retrain', 'done'],
  ])('of a %s that is %s agrees, and changes nothing', async (kind, state) => {
    const before = stateOf(home);
    const replayed = await replay(first(kind, state));
    expect(replayed).toMatchObject({ agrees: true, kind, state: { stored: state, replayed: state } });
    expect(stateOf(home)).toEqual(before);
    if (state === 'done') {
      expect(replayed.accuracy).toMatchObject({ rule: 'equal', agrees: true });
      expect(replayed.accuracy?.stored.accuracy).toBe(replayed.accuracy?.replayed.accuracy);
    } else expect(replayed.accuracy).toBeNull();
    expect(replayed.latencies).toMatchObject([{ agrees: true }]);
    expect(replayReport(replayed, style)).toContain('again: agrees');
  });

  it('of another accuracy than the stored one does not agree', async () => {
    using other = stored('accuracy', first('sample'), (outcome) => ({
      ...outcome,
      accuracy: ratio(outcome.accuracy - 1e-6),
    }));
    const replayed = await replay(1, other);
    expect(replayed).toMatchObject({ agrees: false, accuracy: { rule: 'equal', agrees: false } });
    expect(replayReport(replayed, style)).toMatch(/does not agree.*\n.*\naccuracy +does not agree/);
  });

  it('takes a stored record with every field that one may have', async () => {
    using full = stored('full', first('sample'), (outcome) => ({
      ...outcome,
      latency: { ...fullRecord, ...outcome.latency },
    }));
    expect(Object.keys(full.trial(1)?.outcome?.latency ?? {}).sort()).toEqual(Object.keys(fullRecord).sort());
    const replayed = await replay(1, full);
    expect(replayed).toMatchObject({ agrees: true, state: { stored: 'done', replayed: 'done' } });
    expect(replayReport(replayed, wide)).toContain('agrees');
  });

  it('of a latency beyond intervals and spread does not agree; within the spread it does', async () => {
    const shifted = (factor: number, madMs: number) => (outcome: Done) => ({
      ...outcome,
      latency: {
        ...outcome.latency,
        ...{ medianMs: ms(outcome.latency.medianMs * factor), madMs },
        ...{ lowMs: outcome.latency.lowMs * factor, highMs: outcome.latency.highMs * factor },
      },
    });
    using far = stored('far', first('sample'), shifted(0.8, 0.01));
    using near = stored('near', first('sample'), shifted(0.8, 100));
    const [no, yes] = [await replay(1, far), await replay(1, near)];
    expect(no).toMatchObject({ agrees: false, latencies: [{ verdict: 'faster', agrees: false }] });
    expect(replayReport(no, wide)).toContain('more than the intervals');
    expect(yes).toMatchObject({ agrees: true, latencies: [{ verdict: 'faster', agrees: true }] });
    expect(replayReport(yes, wide)).toContain('within the spread of single runs');
  });

  it('on another device compares the accuracy only, and says why', async () => {
    using other = stored('device', first('sample'), (outcome) => ({
      ...outcome,
      latency: { ...outcome.latency, fingerprint: '0123456789abcdef', medianMs: ms(0.001) },
    }));
    const replayed = await replay(1, other);
    expect(replayed).toMatchObject({
      agrees: true,
      accuracy: { agrees: true },
      latencies: [{ verdict: 'incomparable', agrees: null }],
    });
    expect(replayed.latencies[0]?.why).toMatch(/different devices are not compared: stored on 01234567, now/);
  });

  it('is refused for a trial whose first weights are gone, before anything starts', async () => {
    using other = readStudy(home);
    const trial = other.trial(first('netadapt'));
    const parent = other.trial(trial?.parent ?? 0)?.outcome;
    if (parent?.state !== 'done') throw new Error('no parent');
    rmSync(join(home, 'checkpoints', parent.checkpoint ?? ''));
    await expect(replay(trial?.id ?? 0)).rejects.toThrow(/weights of trial \d+ .*are missing/);
    await expect(replay(9999)).rejects.toThrow(/no trial 9999/);
  });

  it('stopped, rejects with what the command line knows as a stop', async () => {
    const aborted = AbortSignal.abort(new Error('a test'));
    await expect(
      replayTrial(places, reader, { trial: first('sample'), dataFolder: null, signal: aborted }),
    ).rejects.toMatchObject({ code: 'NAS_STOPPED' });
  });
});

describe('asTrained', () => {
  const plan = {
    ...{ epochs: 4, maxSteps: null, learningRate: 0.1, warmupEpochs: 0.2 },
    schedule: 'cosine',
  } as const;
  it('is the plan where the curve ends as planned', () => {
    expect(asTrained(plan, [{ epoch: 4, step: 400 }])).toEqual({ plan, exact: true });
    expect(asTrained(plan, [])).toEqual({ plan, exact: true });
    const short = { ...plan, maxSteps: 60 };
    expect(asTrained(short, [{ epoch: 0.6, step: 60 }])).toEqual({ plan: short, exact: true });
  });
  it('takes whole epochs for another option of the user, which is repeatable', () => {
    expect(asTrained(plan, [{ epoch: 7, step: 700 }])).toEqual({ plan: { ...plan, epochs: 7 }, exact: true });
  });
  it('takes anything else for a cut by time, whose rates are not known', () => {
    const found = asTrained(plan, [{ epoch: 2.5, step: 250 }]);
    expect(found).toEqual({ plan: { ...plan, epochs: 4, maxSteps: 250 }, exact: false });
    const constant = { ...plan, schedule: 'constant' } as const;
    expect(asTrained(constant, [{ epoch: 2.5, step: 250 }]).exact).toBe(true);
  });
});

describe('spreadOfRepeats', () => {
  const row = (text: string, accuracy: number | null) => ({ text, accuracy });
  it('pools the variances of architectures that were trained more than once', () => {
    const rows = [row('a', 0.5), row('a', 0.7), row('b', 0.1), row('c', 0.8), row('c', 0.8), row('c', null)];
    // (0.1² + 0.1² + 0 + 0) over 2 degrees of freedom
    expect(spreadOfRepeats(rows)).toBeCloseTo(0.1, 12);
    expect(spreadOfRepeats([row('a', 0.5), row('b', 0.7)])).toBeNull();
  });
});
