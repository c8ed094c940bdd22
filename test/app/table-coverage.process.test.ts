import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { askTable } from '../../src/app/latency/summary.js';
import { importLatencyTable } from '../../src/app/latency/tables.js';
import { shrinkingWarnings } from '../../src/app/refine/coverage.js';
import { refinePhase } from '../../src/app/refine/phase.js';
import { replayTrial } from '../../src/app/replay/replay.js';
import { retrainPhase } from '../../src/app/retrain/phase.js';
import { platformsOf } from '../../src/app/study/spec.js';
import { resumeSession, spaceOf, type Session } from '../../src/app/study/session.js';
import { checkTables, tableWarnings } from '../../src/app/search/table-coverage.js';
import { withExtrapolation } from '../../src/cli/resumed-spec.js';
import { createRetry, createRng } from '../../src/core/index.js';
import { coverageOf, tableModel, tableText, type LatencyTable } from '../../src/latency/index.js';
import { buildNetwork } from '../../src/network/index.js';
import type { Pool } from '../../src/pool/index.js';
import {
  formatArchitecture,
  parseArchitecture,
  searchSpace,
  type SearchSpace,
  type Task,
} from '../../src/space/index.js';
import { done, latency as latencyOf, STUDY } from '../../src/testing/index.js';
import {
  createMemoryStore,
  createStudy,
  type LatencyRecord,
  type Outcome,
  type Trial,
  type TrialStore,
} from '../../src/trials/index.js';
import { fakeStudy } from './samples.js';

const root = mkdtempSync(join(tmpdir(), 'coverage-'));
afterAll(() => rmSync(root, { recursive: true }));

const TASK: Task = { input: [16, 16, 3], classes: 5 };
const space = searchSpace('mnasnet', TASK);
const networksOf = (of: SearchSpace, count: number) => {
  const rng = createRng('networks');
  return Array.from({ length: count }, () => buildNetwork(of.decode(of.sample(rng))));
};

/** A table of the segments of many networks of a space, of those that `keep` takes. */
function tableOf(of: SearchSpace, keep: (key: string) => boolean): LatencyTable {
  const entry = { ms: 1, lowMs: 1, highMs: 1, runs: 1 };
  const head: LatencyTable = {
    ...{ format: 'platform-nas-latency-table', version: 2, platform: 'phone', fingerprint: null, batch: 1 },
    ...{ space: null, source: 'platform-nas', grain: 'parts', createdAt: 0, planned: 1 },
    ...{ empty: { ms: 0, sessions: 0 }, entries: { '9x9x9 gap': entry }, networks: [] },
  };
  const model = tableModel(head);
  const keys = new Set(networksOf(of, 60).flatMap((one) => model.lookUp(one).lines.map(({ key }) => key)));
  return { ...head, entries: Object.fromEntries([...keys].filter(keep).map((key) => [key, entry])) };
}

const fileOf = (table: LatencyTable): string => {
  const file = join(root, 'table.json');
  writeFileSync(file, tableText(table));
  return file;
};
const latency = (file: string, allowExtrapolation?: boolean) => ({
  platform: 'tensorflow',
  also: [{ platform: `table:${file}`, targetMs: 1 }],
  ...(allowExtrapolation === undefined ? {} : { allowExtrapolation }),
});

describe('a table that is asked for networks', () => {
  it('of the space and size that it was made of covers them, and nothing is said', () => {
    const table = tableOf(space, () => true);
    expect(coverageOf(tableModel(table), networksOf(space, 10)).share).toBeGreaterThan(0.95);
    expect(checkTables(latency(fileOf(table)), space)).toEqual([]);
    expect(checkTables({ platform: 'tensorflow', also: [] }, space)).toEqual([]);
  });

  it('of another input size is refused with the share and what is missing, unless that is allowed', () => {
    const file = fileOf(tableOf(searchSpace('mnasnet', { input: [224, 224, 3], classes: 1000 }), () => true));
    expect(() => checkTables(latency(file), space)).toThrow(
      /covers \d+\.\d\d % of the latency of the networks of mnasnet at 16×16×3; beyond what it measured: 16x16x3 .* more segments; expected at least 50.00 %.*--allow-extrapolation/,
    );
    const [warning] = checkTables(latency(file, true), space);
    expect(warning).toMatch(/beyond what it measured: .*; those are extrapolated$/);
  });

  it('between half and nine tenths of which it covers gives a warning', () => {
    const table = tableOf(space, (key) => !/^4x4x.* se:/.test(key));
    const { share, missing } = coverageOf(tableModel(table), networksOf(space, 10));
    expect(missing.every(({ key }) => key.includes(' se:'))).toBe(true);
    expect(share + missing.reduce((sum, one) => sum + one.share, 0)).toBeCloseTo(1, 9);
    const warnings = checkTables(latency(fileOf(table)), space);
    expect(share).toBeLessThan(0.9);
    expect(share).toBeGreaterThan(0.5);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(' se:');
  });

  it('covers widths between those that it has, and none beyond', () => {
    const table = tableOf(space, () => true);
    const entry = Object.values(table.entries)[0]!;
    const only = (keys: readonly string[]) => ({
      ...table,
      entries: Object.fromEntries(keys.map((key) => [key, entry])),
    });
    const { lines } = tableModel(table).lookUp(networksOf(space, 1)[0]!);
    const key =
      lines.find((line) => /^\d+x\d+x\d+ conv1:\d+:id$/.test(line.key))?.key ??
      lines.find((line) => / conv3/.test(line.key))!.key;
    const width = (by: number) => key.replace(/:(\d+)/, (_, channels: string) => `:${Number(channels) + by}`);
    const missingOf = (keys: readonly string[]) =>
      coverageOf(tableModel(only(keys)), networksOf(space, 1)).missing.map((one) => one.key);
    expect(missingOf([width(-1), width(1)])).not.toContain(key);
    expect(missingOf([width(1), width(2)])).toContain(key);
  });
});

describe('a resumed study whose table is another one by now', () => {
  const places = { runs: root, data: root, tensorflow: root, latency: join(root, 'latency') };
  const signal = new AbortController().signal;
  const studyWith = (study: string, file: string, allowExtrapolation = false) => {
    const own = fakeStudy({
      ...{ study, platform: `table:${file}`, allowExtrapolation, task: TASK },
      space: { name: 'mnasnet', yaml: null },
    });
    createStudy(join(root, study), {
      ...{ name: study, spec: own, spaceDigest: spaceOf(own).digest, seed: '1', environment: {} },
    })[Symbol.dispose]();
    return own;
  };
  const far = () =>
    fileOf(tableOf(searchSpace('mnasnet', { input: [224, 224, 3], classes: 1000 }), () => true));

  it('is refused before its host starts, whether it searches or refines', async () => {
    studyWith('far', far());
    await using session = await resumeSession('far', { places, signal });
    await expect(session.pool()).rejects.toMatchObject({ code: 'NAS_TABLE_RANGE' });
  });

  it('is warned of once where it was allowed, also now', async () => {
    studyWith('allowed', far());
    const notices: string[] = [];
    await using session = await resumeSession(
      'allowed',
      { places, signal, notice: (text) => notices.push(text) },
      (stored) => withExtrapolation(stored, { allowExtrapolation: true }),
    );
    await session.pool();
    await session.pool();
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/^warning: .* covers .*; those are extrapolated$/);
  });

  it('is refused for a network alone, which a replay times again, and warned of where that is allowed', () => {
    const own = studyWith('single', far());
    const network = [parseArchitecture(formatArchitecture(space.decode(space.choices.map(() => 0))))];
    expect(() => tableWarnings(own.latency, network, 'trial 3')).toThrow(
      /of the latency of trial 3; .*expected at least 50.*--allow-extrapolation/,
    );
    expect(tableWarnings({ ...own.latency, allowExtrapolation: true }, network, 'trial 3')).toEqual([
      expect.stringMatching(/of the latency of trial 3; .*extrapolated$/),
    ]);
  });
});

describe('a phase of a study whose table hardly covers its networks', () => {
  const places = { runs: root, data: root, tensorflow: root, latency: join(root, 'latency') };
  const trialText = formatArchitecture(space.decode(space.choices.map(() => 1)));
  const far = () =>
    fileOf(tableOf(searchSpace('mnasnet', { input: [224, 224, 3], classes: 1000 }), () => true));
  const specWith = (study: string, file: string) =>
    fakeStudy({
      ...{ study, platform: `table:${file}`, allowExtrapolation: true, task: TASK },
      space: { name: 'mnasnet', yaml: null },
    });
  const filled = (store: TrialStore, known: LatencyRecord | null): number => {
    const counts = { genome: space.choices.map(() => 1), params: 1, madds: 1, seed: 's', note: null };
    const [trial] = store.begin([{ kind: 'sample', parent: null, text: trialText, ...counts }], null);
    const outcome: Outcome =
      known === null
        ? { state: 'failed', reason: 'diverged', latency: null, curve: [], seconds: 1 }
        : { ...done(0.5, 1), latency: known, checkpoint: 'trial-1.weights' };
    store.finish(trial!.id, outcome, null, null);
    return trial!.id;
  };
  /** What is said before the evaluator is asked for anything; `pool` is what stands in for it. */
  const heardFrom = async (
    pool: () => Promise<Pool>,
    known: LatencyRecord | null,
    phase: (session: Session, trial: number, listen: (update: unknown) => void) => Promise<unknown>,
  ): Promise<readonly string[]> => {
    const store = createMemoryStore(STUDY);
    const spec = specWith('phases', far());
    const session = {
      ...{ places, folder: root, spec, space, store, pool },
      signal: new AbortController().signal,
      retry: createRetry({ limitSeconds: 0, onEvent: () => undefined }),
      onStudyDevice: (trial: Trial) => Promise.resolve(trial),
    } as unknown as Session;
    mkdirSync(join(root, 'checkpoints'), { recursive: true });
    writeFileSync(join(root, 'checkpoints/trial-1.weights'), '');
    const texts: string[] = [];
    const listen = (update: unknown): void => {
      const { phase: name, text } = update as { readonly phase: string; readonly text?: string };
      if (name === 'prepare' && text !== undefined) texts.push(text);
    };
    await expect(phase(session, filled(store, known), listen)).rejects.toThrow('enough');
    return texts;
  };
  const enough = (): Promise<never> => Promise.reject(new Error('enough'));

  it('netadapt refine warns once of the network that the target needs', async () => {
    const pool = { evaluate: enough, measure: enough, slots: 1 } as unknown as Pool;
    const texts = await heardFrom(
      () => Promise.resolve(pool),
      latencyOf(1),
      (session, trial, listen) =>
        refinePhase(session, { trial, targetMs: 0.001, seconds: null, steps: 1 }, listen),
    );
    expect(texts).toEqual([
      expect.stringMatching(
        /^warning: .* of the latency of trial 1 scaled to the target; .*; those are extrapolated$/,
      ),
    ]);
  });

  describe('netadapt refine', () => {
    const settings = { granularity: 8, kinds: ['expansion', 'bottleneck'] as const };
    const seed = space.decode(space.choices.map(() => 1));
    const asked = (file: string, share: number | null, allowExtrapolation?: boolean) => {
      const own = { ...specWith('refined', file).latency, platform: 'tensorflow' };
      const { allowExtrapolation: _, ...strict } = own;
      const given = { ...strict, ...latency(file, allowExtrapolation), also: latency(file).also };
      return shrinkingWarnings(given, { what: 'trial 1', seed, share, settings });
    };

    it('refuses a starting network of which less than half is covered, unless that is allowed', async () => {
      const file = far();
      for (const share of [null, 2, 0.8])
        await expect(asked(file, share)).rejects.toMatchObject({
          code: 'NAS_TABLE_RANGE',
          found: expect.stringMatching(/of the latency of trial 1; /) as string,
          fix: expect.stringContaining('--allow-extrapolation') as string,
        });
      expect(await asked(file, null, true)).toEqual([expect.stringMatching(/trial 1; .*extrapolated$/)]);
    });

    it('refuses a target beyond a table that covers the start, and only warns of the narrowest', async () => {
      const file = fileOf(tableOf(space, () => true));
      await expect(asked(file, 0.001)).rejects.toMatchObject({
        code: 'NAS_TABLE_RANGE',
        found: expect.stringMatching(/of the latency of trial 1 scaled to the target; /) as string,
      });
      expect(await asked(file, 0.001, true)).toHaveLength(1);
      expect(await asked(file, 1)).toEqual([
        expect.stringMatching(/of the latency of trial 1 at its narrowest; .*extrapolated$/),
      ]);
      expect(await asked(file, 0.95)).toHaveLength(1);
    });
  });

  it('retrain warns of a network whose latency is not known yet', async () => {
    const texts = await heardFrom(enough, null, (session, trial, listen) =>
      retrainPhase(session, { trial, seconds: null }, listen),
    );
    expect(texts).toEqual([
      expect.stringMatching(/^warning: .* of the latency of the network; .*; those are extrapolated$/),
    ]);
  });

  it('replay warns of the trial that it times again', async () => {
    const spec = specWith('replayed', far());
    const { digest } = spaceOf(spec);
    const head = { name: 'replayed', spec, spaceDigest: digest, seed: '1', environment: {} };
    using store = createStudy(join(root, 'replayed'), head);
    const trial = filled(store, latencyOf(1));
    const notices: string[] = [];
    const stopped = AbortSignal.abort();
    const replay = replayTrial(places, store, {
      ...{ trial, dataFolder: null, signal: stopped, platforms: platformsOf(spec) },
      notice: (text) => notices.push(text),
    });
    await expect(replay).rejects.toMatchObject({ code: 'NAS_STOPPED' });
    expect(notices).toEqual([
      expect.stringMatching(/^warning: .* of the latency of trial 1; .*; those are extrapolated$/),
    ]);
  });

  it('replay and retrain refuse what the study does not allow', async () => {
    const { allowExtrapolation: _, ...latency } = specWith('strict', far()).latency;
    const spec = { ...specWith('strict', far()), latency };
    const head = { name: 'strict', spec, spaceDigest: spaceOf(spec).digest, seed: '1', environment: {} };
    using store = createStudy(join(root, 'strict'), head);
    const requested = {
      ...{ trial: filled(store, latencyOf(1)), dataFolder: null, signal: AbortSignal.abort() },
      platforms: platformsOf(spec),
    };
    await expect(replayTrial(places, store, requested)).rejects.toMatchObject({ code: 'NAS_TABLE_RANGE' });
    const allowed = replayTrial(places, store, { ...requested, allowExtrapolation: true });
    await expect(allowed).rejects.toMatchObject({ code: 'NAS_STOPPED' });
    const unknown = createMemoryStore(STUDY);
    const session = {
      ...{ places, folder: root, spec, space, store: unknown, pool: enough },
      onStudyDevice: (trial: Trial) => Promise.resolve(trial),
    } as unknown as Session;
    const retrained = retrainPhase(session, { trial: filled(unknown, null), seconds: null }, () => undefined);
    await expect(retrained).rejects.toMatchObject({ code: 'NAS_TABLE_RANGE' });
  });
});

describe('nas latency show --arch', () => {
  it('warns of a network that the table hardly covers', () => {
    const fixture = fileURLToPath(new URL('../latency/table/fixtures/proxylessnas.yaml', import.meta.url));
    const places = { runs: root, data: root, tensorflow: root, latency: join(root, 'latency') };
    const { file } = importLatencyTable(fixture, places, { force: false });
    const text = formatArchitecture(space.decode(space.choices.map(() => 0)));
    expect(askTable(file, text).warning).toMatch(/covers .* of the latency of this network.*extrapolated/);
    const covered =
      'nas1:224x224x3 cn_k3_s2_c32_r6 ds_k3_s1_c16_r6 ir_k3_s2_e96_c24_r6 ir_k5_s1_e72_c24_r6 cn_k1_s1_c64_r6 gap fc_c1000_id';
    expect(askTable(file, covered).warning).toBeNull();
  });
});
