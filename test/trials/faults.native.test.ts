import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../src/core/index.js';
import {
  createStudy,
  faultOf,
  openStudy,
  readStudy,
  repairStudy,
  type Repaired,
  type Trial,
  type TrialReader,
} from '../../src/trials/index.js';
import { done, latency, newTrial, STUDY } from '../../src/testing/index.js';
import { attacked } from '../durability.js';

const TRIALS = 120;
const root = mkdtempSync(join(tmpdir(), 'nas-faults-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** One study as closed, one as a killed writer leaves it: with most of it in the log. */
const closed = join(root, 'closed');
const killed = join(root, 'killed');
const original = new Map<number, Trial>();
const STATE = { weights: 'W'.repeat(9000), batch: ['A'.repeat(5000), 1] };

beforeAll(() => {
  const store = createStudy(join(root, 'source'), STUDY);
  const rng = createRng('faults');
  for (let id = 1; id <= TRIALS; id++) {
    const parent = id > 20 && id % 7 === 0 ? id - 13 : null;
    const genome = Array.from({ length: 30 }, () => rng.integer(5));
    const kind = parent === null ? 'sample' : 'netadapt';
    store.begin([newTrial({ kind, parent, genome, text: `ir_${id} `.repeat(40), params: id })], STATE);
    if (id > TRIALS - 5) continue;
    const samplesMs = Array.from({ length: id % 10 === 0 ? 900 : 60 }, () => 1 + rng.uniform());
    const record = latency(1 + rng.uniform(), { samplesMs });
    store.finish(
      id,
      done(rng.uniform(), record.medianMs, { latency: record, checkpoint: null }),
      rng.uniform(),
      STATE,
    );
  }
  store.note('facts', { classes: 10, names: 'n'.repeat(300) });
  cpSync(join(root, 'source'), killed, { recursive: true });
  for (const trial of store.trials()) original.set(trial.id, trial);
  store[Symbol.dispose]();
  cpSync(join(root, 'source'), closed, { recursive: true });
});

let count = 0;
/** A copy with its bytes changed. */
function harmed(from: string, harm: (bytes: Buffer) => Buffer, name = 'trials.sqlite'): string {
  const folder = join(root, `harmed-${++count}`);
  cpSync(from, folder, { recursive: true });
  rmSync(join(folder, 'trials.sqlite-shm'), { force: true });
  writeFileSync(join(folder, name), harm(readFileSync(join(folder, name))));
  return folder;
}

const bytesOf = (folder: string): readonly (readonly [string, string])[] =>
  readdirSync(folder)
    .filter((name) => name !== 'trials.lock' && name !== 'trials.sqlite-shm')
    .sort()
    .map((name) => [name, readFileSync(join(folder, name)).toString('latin1')]);

interface Result {
  readonly repaired: Repaired | undefined;
  /** Saved trials that are not as they were. */
  readonly changed: number;
  readonly refused: boolean;
}

/** Reads all, opens for writing, asks what is wrong and repairs; nothing of it may change the file or be unclear. */
function endure(folder: string): Result {
  let result: Result | undefined;
  attacked('databases', {}, () => {
    result = resultOf(folder);
  });
  if (result === undefined) throw new Error('no result');
  return result;
}

function resultOf(folder: string): Result {
  const before = bytesOf(folder);
  const clear = (run: () => void): string | undefined => {
    try {
      run();
      return undefined;
    } catch (error) {
      expect(error).toMatchObject({ name: 'NasError' });
      const { code, message } = error as Error & { code: string };
      expect(code).toMatch(/^NAS_STUDY_(DAMAGED|NEWER)$|^NAS_NOTHING_TO_SAVE$/);
      expect(message).toMatch(/fix: \S/);
      expect(message.split('\n')).toHaveLength(1);
      return code;
    }
  };
  const all = (reader: TrialReader): void => {
    reader.rows();
    for (const _ of reader.trials());
    reader.strategyState();
  };
  const read = clear(() => {
    using reader = readStudy(folder);
    all(reader);
  });
  expect(bytesOf(folder)).toEqual(before);
  let fault: string | undefined;
  clear(() => (fault = faultOf(folder)));
  if (read !== undefined && read !== 'NAS_STUDY_NEWER') expect(fault).toBeDefined();
  expect(bytesOf(folder)).toEqual(before);
  const copy = `${folder}-opened`;
  cpSync(folder, copy, { recursive: true });
  const refused =
    clear(() => {
      openStudy(copy)[Symbol.dispose]();
    }) !== undefined;
  if (refused) expect(bytesOf(copy)).toEqual(before);
  let repaired: Repaired | undefined;
  clear(() => (repaired = repairStudy(folder, `${folder}-new`, 'contract-new')));
  expect(bytesOf(folder)).toEqual(before);
  if (repaired === undefined) return { repaired, changed: 0, refused };
  expect(faultOf(`${folder}-new`)).toBeUndefined();
  using reader = openStudy(`${folder}-new`);
  const trials = [...reader.trials()];
  expect(trials).toHaveLength(repaired.saved);
  const changed = trials.filter((trial) => !same(trial, original.get(trial.id))).length;
  if (repaired.strategy === 'saved') expect(reader.strategyState()).toEqual(STATE);
  return { repaired, changed, refused };
}

function same(trial: Trial, was: Trial | undefined): boolean {
  if (was === undefined) return false;
  const [a, b] = [
    { ...trial, study: '', parent: 0 },
    { ...was, study: '', parent: 0 },
  ];
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Trials that are unfinished again are known to be changed. */
const unexpected = ({ changed, repaired }: Result): number => changed - (repaired?.again ?? 0);

describe('a whole study', () => {
  it.each([
    ['closed', closed],
    ['killed', killed],
  ])('%s: nothing is wrong with it, and repairing loses nothing', (_name, from) => {
    const folder = harmed(from, (bytes) => bytes);
    expect(faultOf(folder)).toBeUndefined();
    const { repaired, changed, refused } = endure(folder);
    expect(refused).toBe(false);
    expect(changed).toBe(0);
    expect(repaired).toEqual({
      ...{ saved: TRIALS, again: 0, lost: 0, orphans: 0, settings: true, strategy: 'saved', notes: 1 },
      checkpoints: [],
    });
    using reader = readStudy(`${folder}-new`);
    expect(reader.noted('facts')).toEqual({ classes: 10, names: 'n'.repeat(300) });
    expect(reader.study).toMatchObject({
      ...STUDY,
      name: `${basename(folder)}-new`,
      createdAt: expect.any(Number) as number,
    });
  });
});

describe('damage', { timeout: 180_000 }, () => {
  it('of the header costs nothing', () => {
    for (const [from, to] of [
      [0, 16],
      [0, 100],
      [16, 20],
      [28, 32],
      [32, 60],
      [92, 100],
    ] as const) {
      const result = endure(harmed(closed, (bytes) => bytes.fill(0x5a, from, to)));
      expect(result.repaired).toMatchObject({ settings: true, strategy: 'saved' });
      expect(result.repaired?.saved).toBe(TRIALS);
      expect(result.changed).toBe(0);
    }
  });

  it('of one page, each in its turn, costs what stands in it at most, and every other trial is as it was', () => {
    const pages = readFileSync(join(closed, 'trials.sqlite')).length / 4096;
    let [refused, lost, most] = [0, 0, 0];
    for (let page = 0; page < pages; page += 7) {
      const result = endure(harmed(closed, (bytes) => bytes.fill(0, page * 4096, (page + 1) * 4096)));
      const { repaired } = result;
      expect(repaired).toBeDefined();
      expect(unexpected(result)).toBe(0);
      const gone = TRIALS - repaired!.saved;
      expect(repaired!.lost).toBe(gone);
      lost += gone;
      most = Math.max(most, gone);
      refused += result.refused ? 1 : 0;
    }
    expect(refused).toBeGreaterThan(pages / 7 / 2);
    expect(lost).toBeGreaterThan(0);
    expect(most).toBeLessThan(20);
  });

  it('by a cut in half keeps what is before it', () => {
    const whole = readFileSync(join(closed, 'trials.sqlite'));
    for (const share of [0.9, 0.5, 0.25]) {
      const result = endure(harmed(closed, (bytes) => bytes.subarray(0, Math.floor(bytes.length * share))));
      expect(result.refused).toBe(true);
      expect(unexpected(result)).toBe(0);
      const { saved, lost, settings } = result.repaired!;
      expect(saved).toBeGreaterThan(TRIALS * share * 0.3);
      expect(settings).toBe(true);
      expect(saved + lost).toBeLessThanOrEqual(TRIALS);
    }
    expect(whole.equals(readFileSync(join(closed, 'trials.sqlite')))).toBe(true);
  });

  /** One to four bytes changed, or a sector of 512 overwritten, at places that the seed gives. */
  const flips = (rng: Rng) => (bytes: Buffer) => {
    const changed = Buffer.from(bytes);
    if (rng.integer(3) === 0) {
      const at = 512 * rng.integer(Math.floor(bytes.length / 512));
      return changed.fill(rng.integer(256), at, at + 512);
    }
    for (let i = 0; i <= rng.integer(4); i++) {
      const at = rng.integer(bytes.length);
      changed[at] = (bytes[at] ?? 0) ^ (1 << rng.integer(8));
    }
    return changed;
  };

  it.each(['trials.sqlite', 'trials.sqlite-wal'])('of bytes at random places of %s is endured', (name) => {
    let [refused, unlike] = [0, 0];
    for (let seed = 0; seed < 16; seed++) {
      const from = name.endsWith('-wal') ? killed : closed;
      const result = endure(harmed(from, flips(createRng(`${name}/${seed}`)), name));
      expect(result.repaired?.settings).toBe(true);
      expect(result.repaired!.saved).toBeGreaterThan(TRIALS - 25);
      refused += result.refused ? 1 : 0;
      // SQLite keeps no checksums of its pages: what was changed into another possible value is not seen.
      unlike += unexpected(result);
      expect(unexpected(result)).toBeLessThanOrEqual(8);
    }
    expect(refused).toBeGreaterThan(name.endsWith('-wal') ? 3 : 0);
    expect(unlike).toBeLessThan(20);
  });

  it('that leaves nothing is reported', () => {
    const folder = harmed(closed, (bytes) => Buffer.alloc(bytes.length, 7));
    expect(endure(folder).repaired).toBeUndefined();
    expect(readdirSync(root)).not.toContain(`${folder}-new`);
  });
});

describe('repairing', () => {
  it('is refused while the study is being written, for a later version, and into a study that is there', () => {
    const folder = join(root, 'written');
    const coded = (code: string) => expect.objectContaining({ code }) as Error;
    {
      using store = createStudy(folder, STUDY);
      store.begin([newTrial()], null);
      expect(() => repairStudy(folder, `${folder}-new`, 'x')).toThrow(coded('NAS_STUDY_LOCKED'));
    }
    expect(() => repairStudy(folder, closed, 'x')).toThrow(coded('NAS_STUDY_EXISTS'));
    const later = harmed(closed, (bytes) => (bytes.writeUInt32BE(99, 60), bytes));
    expect(() => repairStudy(later, `${later}-new`, 'x')).toThrow(coded('NAS_STUDY_NEWER'));
    expect(() => repairStudy(folder, `${folder}-new`, '../x')).toThrow(coded('NAS_BAD_STUDY_NAME'));
  });

  it.each([1, 2])('takes a file of version %i', (version) => {
    const folder = harmed(closed, () =>
      readFileSync(new URL(`fixtures/v${version}.sqlite`, import.meta.url)),
    );
    const { saved, lost } = repairStudy(folder, `${folder}-new`, 'x');
    expect({ saved, lost }).toEqual({ saved: version === 1 ? 4 : 5, lost: 0 });
    using was = readStudy(folder);
    using is = readStudy(`${folder}-new`);
    expect(is.rows()).toEqual(was.rows().map((row) => ({ ...row, study: basename(`${folder}-new`) })));
    expect([...is.trials()]).toEqual(
      [...was.trials()].map((trial) => ({ ...trial, study: basename(`${folder}-new`) })),
    );
    expect(is.strategyState()).toEqual(was.strategyState());
  });
});
