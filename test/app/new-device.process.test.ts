import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nas, emptyFolder } from '../cli/nas.js';
import { begun, finish, RESUME } from '../loss/studies.js';
import { rowsIn } from '../loss/killing.js';
import { frontier, openStudy, readStudy, type TrialRow } from '../../src/trials/index.js';
import { timedElsewhere } from './other-device.js';

const FORMER = { deviceName: 'the former device', threads: 4, versions: { runtime: '1.2' } };
const DIFFERENT =
  'deviceName "the former device" stored, "test double" found, threads 4 stored, 1 found, ' +
  'runtime version "1.2" stored, none found';

const ids = (rows: readonly TrialRow[]): readonly number[] => rows.map(({ trial }) => trial);

describe('a study that is resumed on another device', { timeout: 120_000 }, () => {
  const folder = emptyFolder();
  const cwd = folder.path;
  const demo = join(cwd, 'runs/demo');
  let former: string;
  let before: readonly TrialRow[];

  beforeAll(async () => {
    begun(cwd, { trials: 8, targetMs: 0.6 });
    await finish(cwd);
    former = timedElsewhere(demo, FORMER);
    before = rowsIn(cwd);
  }, 120_000);
  afterAll(() => {
    folder[Symbol.dispose]();
  });

  it.each([
    ['search', 'nas', [...RESUME, '--trials', '9']],
    ['start', 'nas', ['start', '--study', 'demo']],
    ['refine', 'netadapt', ['refine', '--best', '--study', 'demo', '--target-latency', '0.1ms']],
    ['retrain', 'nas', ['retrain', '--best', '--study', 'demo']],
  ] as const)('is refused by %s, with what differs and the fix', async (_, bin, args) => {
    const { code, stderr } = await nas(args, { cwd, bin });
    expect(stderr).toContain(`error: study demo was timed on another device: ${DIFFERENT}`);
    expect(stderr).toContain('[NAS_STUDY_DEVICE]');
    expect(stderr).toMatch(/fix: resume where it was timed, or add --new-device/);
    expect(stderr).not.toMatch(/not finished/);
    expect(code).toBe(2);
    // An interrupted retraining is not begun either.
    expect(rowsIn(cwd)).toEqual(before);
  });

  it('continues with --new-device: frontier and best are timed again, and count once', async () => {
    const front = frontier(before);
    const { code, stderr } = await nas([...RESUME, '--new-device', '--trials', '10'], { cwd });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/another device: timing \d+ trials again/);
    const rows = rowsIn(cwd);
    expect(rows.slice(0, before.length)).toEqual(before);
    const again = rows.filter(({ parent }) => parent !== null);
    const parents = again.map(({ parent }) => parent);
    expect(parents).toEqual(expect.arrayContaining(ids(front) as number[]));
    for (const row of again) {
      const first = before.find(({ trial }) => trial === row.parent);
      const { kind, text, accuracy, checkpoint, seed } = row;
      expect({ kind, text, accuracy, checkpoint, seed }).toEqual({
        kind: 'sample',
        text: first?.text,
        accuracy: first?.accuracy,
        checkpoint: first?.checkpoint,
        seed: first?.seed,
      });
      expect(row.fingerprint).not.toBe(former);
      expect(row.reward).toBeTypeOf('number');
    }
    // Ten candidates were asked for, eight had been evaluated: two are new.
    expect(rows.filter(({ parent, kind }) => kind === 'sample' && parent === null)).toHaveLength(10);
    const known = new Set(again.map(({ trial }) => trial));
    expect(frontier(rows).some(({ trial }) => known.has(trial))).toBe(true);
    expect(frontier(rows, { fingerprint: former })).toEqual(front);
  });

  it('is not asked about the device again, and has weights to shrink, replay and export', async () => {
    const again = rowsIn(cwd).find(({ parent }) => parent !== null);
    const trial = String(again?.trial);
    const count = rowsIn(cwd).length;
    expect(await nas([...RESUME, '--trials', '10'], { cwd })).toMatchObject({ code: 0 });
    expect(rowsIn(cwd)).toHaveLength(count);
    const replayed = await nas(['replay', trial, '--study', 'demo'], { cwd });
    expect({ ...replayed, stdout: '' }).toMatchObject({ code: 0 });
    const args = ['refine', trial, '--study', 'demo', '--target-latency', '0.1ms', '--steps', '1'];
    const refined = await nas(args, { cwd, bin: 'netadapt' });
    expect({ ...refined, stdout: '' }).toMatchObject({ code: 0 });
    const exported = await nas(['export', trial, '--study', 'demo', '--format', 'json'], { cwd });
    expect(exported).toMatchObject({ code: 0 });
    expect(existsSync(join(demo, 'checkpoints', again?.checkpoint ?? ''))).toBe(true);
  });

  it('times a trial of the former device again where it is named', async () => {
    const here = new Set(rowsIn(cwd).flatMap(({ parent }) => parent ?? []));
    const left = before.find(({ trial, state }) => state === 'done' && !here.has(trial));
    const count = rowsIn(cwd).length;
    const args = ['refine', String(left?.trial), '--study', 'demo', '--target-latency', '100ms'];
    expect(await nas(args, { cwd, bin: 'netadapt' })).toMatchObject({ code: 0 });
    const [row, ...more] = rowsIn(cwd).slice(count);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ kind: 'sample', parent: left?.trial, state: 'done' });
    expect(row?.fingerprint).not.toBe(former);
  });

  it('is taken unchanged where nothing was timed yet', async () => {
    using empty = emptyFolder();
    begun(empty.path, { trials: 1, targetMs: 100 });
    {
      using store = openStudy(join(empty.path, 'runs/demo'));
      store.note('devices', ['0123456789abcdef']);
    }
    await finish(empty.path);
    using reader = readStudy(join(empty.path, 'runs/demo'));
    expect(reader.noted('devices')).toEqual([rowsIn(empty.path)[0]?.fingerprint]);
  });
});
