import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exportTrial } from '../../src/app/export/phase.js';
import { writeReport } from '../../src/app/report/report.js';
import { trustLinks } from '../../src/app/study/own-path.js';
import { pruneStudy } from '../../src/app/study/prune.js';
import { repairMeantStudy } from '../../src/app/study/repair.js';
import { createSession, resumeSession } from '../../src/app/study/session.js';
import { readMeantStudy } from '../../src/app/study/studies.js';
import { listStudies, openStudy, readStudy } from '../../src/trials/index.js';
import { writeStudy } from '../cli/studies.js';
import { fakeStudy, placesIn, temporaryFolder } from './samples.js';

const LINKED = expect.objectContaining({ code: 'NAS_STUDY_LINK' }) as Error;

/** Studies of others may hold links; behind each lies something of the user's. */
describe('a link in a study’s folder', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const at = (...names: readonly string[]): string => join(folder.path, ...names);
  const home = (...names: readonly string[]): string => at('runs', 'demo', ...names);
  const places = () => placesIn(folder.path);
  const prune = () => pruneStudy(places(), { study: 'demo', dryRun: false });
  const exported = async (): Promise<unknown> => {
    using reader = readMeantStudy(places(), 'demo');
    const trial = reader.trial(1);
    if (trial === undefined) throw new Error('no trial 1');
    return await exportTrial(places(), reader, trial, {
      ...{ trial: 1, format: 'json', out: null, dataFolder: null, verify: false },
    });
  };
  const report = (): unknown => {
    using reader = readMeantStudy(places(), 'demo');
    return writeReport(places(), reader, null);
  };
  const resumed = async (): Promise<void> => {
    await resumeSession('demo', { places: places(), signal: new AbortController().signal });
  };
  /** Moves what lies in the study out of it and leaves a link. */
  const moveOut = (...names: readonly string[]): string => {
    const place = home(...names);
    const target = at('mine', basename(place));
    mkdirSync(dirname(target), { recursive: true });
    mkdirSync(dirname(place), { recursive: true });
    if (existsSync(place)) renameSync(place, target);
    else mkdirSync(target);
    symlinkSync(target, place);
    return target;
  };

  beforeEach(() => {
    folder = temporaryFolder();
    vi.stubEnv('XDG_STATE_HOME', at('state'));
    writeStudy(at('runs'), fakeStudy(), 5, true);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    folder[Symbol.dispose]();
  });

  it('lets prune remove nothing behind it', () => {
    const target = moveOut('checkpoints');
    for (const id of [7, 8]) writeFileSync(join(target, `trial-${id}.weights`), 'mine');
    expect(prune).toThrow(LINKED);
    expect(() => pruneStudy(places(), { study: 'demo', dryRun: true })).toThrow(LINKED);
    expect(readdirSync(target).sort()).toEqual([1, 7, 8].map((id) => `trial-${id}.weights`));
  });

  it.each([[['exports']], [['exports', 'trial-1']], [['exports', 'trial-1', 'json']]])(
    'lets an export write nothing behind it: %s',
    async (names) => {
      const target = moveOut(...names);
      await expect(exported()).rejects.toThrow(LINKED);
      expect(readdirSync(target)).toEqual([]);
    },
  );

  it('lets a report write nothing behind it', () => {
    const target = moveOut('exports');
    expect(report).toThrow(LINKED);
    expect(readdirSync(target)).toEqual([]);
  });

  it('that leads nowhere yet is refused as well', () => {
    symlinkSync(at('mine', 'later'), home('exports'));
    expect(report).toThrow(LINKED);
    expect(existsSync(at('mine'))).toBe(false);
  });

  it.each([['checkpoints'], ['exports'], ['log']])(
    '%s lets no search resume, nor begin there',
    async (name) => {
      moveOut(name);
      await expect(resumed()).rejects.toThrow(LINKED);
      expect(() => repairMeantStudy(places(), 'demo', undefined)).toThrow(LINKED);
      rmSync(home('trials.sqlite'));
      const begun = createSession(fakeStudy(), { places: places(), signal: new AbortController().signal });
      await expect(begun).rejects.toThrow(LINKED);
    },
  );

  it('is never followed to a database or its lock', () => {
    moveOut('trials.sqlite');
    expect(() => readStudy(home())).toThrow(LINKED);
    expect(() => openStudy(home())).toThrow(LINKED);
    rmSync(home('trials.sqlite'));
    renameSync(at('mine', 'trials.sqlite'), home('trials.sqlite'));
    rmSync(home('trials.lock'), { force: true });
    symlinkSync(at('mine', 'new'), home('trials.lock'));
    expect(() => openStudy(home())).toThrow(LINKED);
    expect(existsSync(at('mine', 'new'))).toBe(false);
  });

  it('is followed once the user trusts it, and no other is', async () => {
    const target = moveOut('checkpoints');
    const other = moveOut('exports');
    expect(trustLinks(places(), 'demo')).toEqual([
      { name: 'checkpoints', target },
      { name: 'exports', target: other },
    ]);
    writeFileSync(join(target, 'trial-2.weights'), 'x');
    expect(prune().dropped).toEqual({ files: 1, bytes: 1 });
    expect(await exported()).toMatchObject({ folder: home('exports', 'trial-1', 'json') });
    expect(readdirSync(other)).toEqual(['trial-1']);
    rmSync(home('checkpoints'));
    mkdirSync(at('another'));
    symlinkSync(at('another'), home('checkpoints'));
    expect(prune).toThrow(/another, outside the study's folder; .*nas studies --trust-links demo/);
  });

  it('is trusted in a study that is there only', () => {
    expect(trustLinks(places(), 'demo')).toEqual([]);
    expect(() => trustLinks(places(), 'demmo')).toThrow(/no study demmo .*did you mean demo/);
  });

  it('that stays in the folder, and a runs folder that is one, are no matter', async () => {
    renameSync(home('checkpoints'), home('kept'));
    symlinkSync('kept', home('checkpoints'));
    renameSync(at('runs'), at('large-disk'));
    symlinkSync(at('large-disk'), at('runs'));
    expect(listStudies(at('runs'))).toEqual(['demo']);
    expect(prune().kept.files).toBe(1);
    expect(await exported()).toMatchObject({
      files: [home('exports', 'trial-1', 'json', 'architecture.json')],
    });
  });
});
