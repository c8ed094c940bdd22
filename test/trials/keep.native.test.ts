import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createStudy, parseWhere } from '../../src/trials/index.js';
import { createKeeper } from '../../src/trials/sqlite/keep.js';
import { loadSqliteFrom } from '../../src/trials/sqlite/load.js';
import { readerOf } from '../../src/trials/sqlite/reader.js';
import { done, newTrial, STUDY } from '../../src/testing/index.js';

const require = createRequire(import.meta.url);
const root = mkdtempSync(join(tmpdir(), 'nas-keep-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** A study with three finished trials; its database's path. */
function make(name: string): string {
  const folder = join(root, name);
  using store = createStudy(folder, STUDY);
  for (let i = 0; i < 3; i++) {
    store.begin([newTrial()], null);
    store.finish(i + 1, done(0.5 + i / 10, 1 + i), i, null);
  }
  return join(folder, 'trials.sqlite');
}

describe('databases and statements that may be collected at chosen moments only', () => {
  it('stay few while thousands of connections are opened, asked and closed', async () => {
    const path = make('opened');
    const keeper = createKeeper(500);
    const sqlite = loadSqliteFrom(require, keeper);
    let [made, most] = [0, 0];
    for (let round = 0; round < 120; round++) {
      const before = keeper.count;
      using reader = readerOf(sqlite(path, { readonly: true }), path);
      expect(reader.rows({ where: parseWhere('accuracy > 55%') })).toHaveLength(2);
      expect(reader.best(2)?.trial).toBe(2);
      expect(reader.frontier()).toHaveLength(3);
      made += Math.max(0, keeper.count - before);
      most = Math.max(most, keeper.count);
      // A request of the dashboard each: what a WeakRef has named stays until its turn of the event loop is over.
      await setImmediate();
    }
    expect(made).toBeGreaterThan(1500);
    expect(most).toBeLessThan(600);
  });

  it('stay few on one connection that is asked thousands of times and stays usable', async () => {
    const path = make('asked');
    const keeper = createKeeper(300);
    const sqlite = loadSqliteFrom(require, keeper);
    using reader = readerOf(sqlite(path, { readonly: true }), path);
    let most = 0;
    for (let round = 0; round < 800; round++) {
      expect(reader.trial(1 + (round % 3))?.id).toBe(1 + (round % 3));
      expect(reader.count({ minAccuracy: 0.55 })).toBe(2);
      most = Math.max(most, keeper.count);
      if (round % 10 === 0) await setImmediate();
    }
    expect(most).toBeLessThan(400);
  });

  it('are held as long as they are in use, however many', () => {
    const keeper = createKeeper(10);
    const used = Array.from({ length: 200 }, (_, id) => ({ id }));
    for (const one of used) keeper.keep(one);
    expect(keeper.count).toBe(200);
    const collected: (() => void)[] = [];
    const another = createKeeper(4, () => void collected.push(() => undefined));
    for (const one of used) another.keep(one);
    // At 4, 8, 16, 32, 64 and 128 of them.
    expect(collected).toHaveLength(6);
  });
});
