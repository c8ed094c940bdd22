import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bestUnder,
  createStudy,
  frontier,
  listStudies,
  openStudy,
  readStudy,
} from '../../src/trials/index.js';
import { databaseAddon } from '../../src/core/index.js';
import { loadSqlite, loadSqliteFrom } from '../../src/trials/sqlite/load.js';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../src/trials/sqlite/schema.js';
import { done, newTrial, STUDY } from '../../src/testing/index.js';

const require = createRequire(import.meta.url);
/** As the product opens databases: on Node 24 one that is collected would end the test process. */
const sqlite = loadSqlite();
const root = mkdtempSync(join(tmpdir(), 'nas-sqlite-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(root, `study-${++count}`);
});

const file = () => join(folder, 'trials.sqlite');
const coded = (code: string) => expect.objectContaining({ name: 'NasError', code }) as Error;

/** A closed study with `n` finished trials. */
function make(n = 1): void {
  using store = createStudy(folder, STUDY);
  for (let i = 0; i < n; i++) {
    store.begin([newTrial()], { n: i });
    store.finish(i + 1, done(0.5 + i / 1000, 1 + i), i, { n: i + 0.5 });
  }
}

describe('a study on disk', () => {
  it('is there again after closing, as one plain file next to the empty lock', () => {
    make(3);
    expect(readdirSync(folder).sort()).toEqual(['trials.lock', 'trials.sqlite']);
    using store = openStudy(folder);
    expect(store.study).toMatchObject({
      ...STUDY,
      name: basename(folder),
      createdAt: expect.any(Number) as number,
    });
    expect(store.rows().map((row) => row.accuracy)).toEqual([0.5, 0.501, 0.502]);
    expect(store.strategyState()).toEqual({ n: 2.5 });
    expect(store.begin([newTrial()], null)[0]?.id).toBe(4);
  });

  it('walks through more trials than one page holds', () => {
    using store = createStudy(folder, STUDY);
    store.begin(
      Array.from({ length: 1203 }, () => newTrial()),
      null,
    );
    expect([...store.trials()].map((trial) => trial.id)).toEqual(
      Array.from({ length: 1203 }, (_, i) => i + 1),
    );
  });

  it('refuses a second writer, naming the first, until that one is gone', () => {
    const first = createStudy(folder, STUDY);
    expect(() => openStudy(folder)).toThrow(coded('NAS_STUDY_LOCKED'));
    expect(() => openStudy(folder)).toThrow(new RegExp(`process ${process.pid}`));
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    openStudy(folder)[Symbol.dispose]();
  });

  it('is not made twice; the message names both ways out', () => {
    make();
    const before = readFileSync(file());
    expect(() => createStudy(folder, STUDY)).toThrow(coded('NAS_STUDY_EXISTS'));
    expect(() => createStudy(folder, STUDY)).toThrow(/--resume.*another name/);
    expect(readFileSync(file()).equals(before)).toBe(true);
  });

  it.each(['../../x', '<img>', '.hidden', '', 'a/b', 'x'.repeat(65), 'a\nb', 'ä'])(
    'is not named %j',
    (name) => {
      expect(() => createStudy(folder, { ...STUDY, name })).toThrow(coded('NAS_BAD_STUDY_NAME'));
      expect(existsSync(folder)).toBe(false);
    },
  );

  it('that was being made when the machine went down leaves nothing that looks like one', () => {
    mkdirSync(folder);
    writeFileSync(`${file()}.new`, 'half');
    expect(() => readStudy(folder)).toThrow(coded('NAS_STUDY_MISSING'));
    make(2);
    expect(existsSync(`${file()}.new`)).toBe(false);
  });
});

describe('reading', () => {
  it('sees what a writer commits, while it writes', () => {
    using store = createStudy(folder, STUDY);
    using reader = readStudy(folder);
    expect(reader.rows()).toEqual([]);
    store.begin([newTrial()], { a: 1 });
    expect(reader.trial(1)?.state).toBe('running');
    const walk = reader.trials()[Symbol.iterator]();
    walk.next();
    store.finish(1, done(0.5, 1), 0, { a: 2 });
    store.note('k', 1);
    expect(reader.trial(1)).toEqual(store.trial(1));
    expect([reader.strategyState(), reader.noted('k')]).toEqual([{ a: 2 }, 1]);
  });

  it('continues after the writer has closed, and does not hinder the next one', () => {
    make();
    using reader = readStudy(folder);
    make2();
    expect(reader.rows()).toHaveLength(2);
    using again = openStudy(folder);
    expect(again.rows()).toHaveLength(2);
    function make2(): void {
      using store = openStudy(folder);
      store.begin([newTrial()], null);
    }
  });

  it('makes no file and changes none, closed, killed or copied alone', () => {
    const look = (where: string) =>
      readdirSync(where)
        .sort()
        .map((name) => [name, readFileSync(join(where, name)).toString('latin1')]);
    const store = createStudy(folder, STUDY);
    store.begin([newTrial()], null);
    const killed = `${folder}-killed`;
    cpSync(folder, killed, { recursive: true });
    store[Symbol.dispose]();
    const alone = `${folder}-alone`;
    mkdirSync(alone);
    cpSync(file(), join(alone, 'trials.sqlite'));
    const database = sqlite(join(alone, 'trials.sqlite'));
    database.pragma('journal_mode = WAL');
    database.close();
    for (const where of [folder, alone, killed]) {
      const names = readdirSync(where).sort();
      const before = look(where);
      const reader = readStudy(where);
      expect(reader.rows()).toHaveLength(1);
      reader[Symbol.dispose]();
      expect(readdirSync(where).sort()).toEqual(names);
      const except = ([name]: string[]) => name !== 'trials.sqlite-shm';
      expect(look(where).filter(except)).toEqual(before.filter(except));
    }
  });

  it('takes up what a killed writer committed, and writing does too', () => {
    const store = createStudy(folder, STUDY);
    store.begin([newTrial()], { a: 1 });
    const killed = `${folder}-killed`;
    cpSync(folder, killed, { recursive: true });
    store[Symbol.dispose]();
    using again = openStudy(killed);
    expect(again.retry(1).attempts).toBe(2);
    expect(again.strategyState()).toEqual({ a: 1 });
  });

  it('lists the studies of a folder', () => {
    make();
    mkdirSync(join(root, 'none'), { recursive: true });
    expect(listStudies(root)).toContain(`study-${count}`);
    expect(listStudies(root)).not.toContain('none');
    expect(listStudies(join(root, 'missing'))).toEqual([]);
  });

  it('finds a missing study missing and makes nothing', () => {
    for (const open of [openStudy, readStudy]) expect(() => open(folder)).toThrow(coded('NAS_STUDY_MISSING'));
    expect(existsSync(folder)).toBe(false);
  });
});

describe('a file that is not right', () => {
  const refuse = (code: string): string => {
    const before = readFileSync(file());
    let message = '';
    for (const open of [openStudy, readStudy]) {
      try {
        open(folder)[Symbol.dispose]();
        expect.unreachable('opened');
      } catch (error) {
        expect(error).toEqual(coded(code));
        message = (error as Error).message;
      }
    }
    expect(readFileSync(file()).equals(before)).toBe(true);
    expect(message.split('\n')).toHaveLength(1);
    return message;
  };

  it('is reported: text', () => {
    mkdirSync(folder);
    writeFileSync(file(), 'hello, this is not a database at all'.repeat(200));
    expect(refuse('NAS_STUDY_DAMAGED')).toMatch(/not a database/);
  });

  it('is reported: empty', () => {
    mkdirSync(folder);
    writeFileSync(file(), '');
    refuse('NAS_STUDY_DAMAGED');
  });

  it('is reported: cut in half', () => {
    make(50);
    truncateSync(file(), Math.floor(statSync(file()).size / 2));
    expect(refuse('NAS_STUDY_DAMAGED')).toMatch(/cut short/);
  });

  it('is reported: bytes overwritten', () => {
    make(50);
    const bytes = readFileSync(file());
    bytes.fill(0xa5, 4096, 12288);
    writeFileSync(file(), bytes);
    refuse('NAS_STUDY_DAMAGED');
  });

  it('is reported: a database of another program', () => {
    mkdirSync(folder);
    const database = sqlite(file());
    database.exec('CREATE TABLE trial (id)');
    database.close();
    expect(refuse('NAS_STUDY_DAMAGED')).toMatch(/not one of a study/);
  });

  it('is reported: a later version', () => {
    make();
    const database = sqlite(file());
    database.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    database.close();
    expect(refuse('NAS_STUDY_NEWER')).toMatch(`version ${SCHEMA_VERSION + 1}`);
  });

  it('is reported: no study in it', () => {
    make();
    const database = sqlite(file());
    database.exec('DELETE FROM study');
    database.close();
    expect(() => readStudy(folder)).toThrow(coded('NAS_STUDY_DAMAGED'));
    expect(() => openStudy(folder)).toThrow(coded('NAS_STUDY_DAMAGED'));
    expect(() => openStudy(folder)).toThrow(coded('NAS_STUDY_DAMAGED'));
  });

  it('is reported: a trial that makes no sense, when it is read', () => {
    make(2);
    const database = sqlite(file());
    database.exec("UPDATE detail SET curve = '{' WHERE trial = 2");
    database.close();
    using reader = readStudy(folder);
    expect(reader.rows()).toHaveLength(2);
    expect(reader.trial(1)?.state).toBe('done');
    expect(() => reader.trial(2)).toThrow(coded('NAS_STUDY_DAMAGED'));
    expect(() => [...reader.trials()]).toThrow(coded('NAS_STUDY_DAMAGED'));
  });
});

const asRoot = process.getuid?.() === 0;
describe.runIf(asRoot)(`a folder that may not be written${asRoot ? '' : ' (skipped: not root)'}`, () => {
  const asNobody = (run: () => void): void => {
    process.seteuid?.(65534);
    try {
      run();
    } finally {
      process.seteuid?.(0);
    }
  };

  it('refuses a new study and a writer, and lets itself be read', () => {
    make();
    const before = readdirSync(folder).sort();
    chmodSync(join(folder, 'trials.sqlite'), 0o644);
    for (const each of [root, folder]) chmodSync(each, 0o755);
    asNobody(() => {
      expect(() => createStudy(`${folder}-new`, STUDY)).toThrow(coded('NAS_NOT_WRITABLE'));
      expect(() => openStudy(folder)).toThrow(coded('NAS_NOT_WRITABLE'));
      using reader = readStudy(folder);
      expect(reader.rows()).toHaveLength(1);
    });
    expect(existsSync(`${folder}-new`)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

describe('kill -9', () => {
  it('loses nothing that was committed and frees the lock', async () => {
    make(1);
    const script = `
      const Package = require(${JSON.stringify(require.resolve('better-sqlite3'))});
      const addon = ${JSON.stringify(databaseAddon())};
      const options = require('node:fs').existsSync(addon) ? { nativeBinding: addon } : {};
      const Sqlite = function (file) { return new Package(file, options); };
      const lock = new Sqlite(${JSON.stringify(join(folder, 'trials.lock'))});
      lock.pragma('journal_mode = MEMORY'); lock.exec('BEGIN EXCLUSIVE');
      const db = new Sqlite(${JSON.stringify(file())});
      db.pragma('journal_mode = WAL'); db.pragma('synchronous = NORMAL');
      db.prepare('INSERT OR REPLACE INTO writer VALUES (1, ?, 0)').run(process.pid);
      for (let i = 1; ; i++) {
        db.prepare("INSERT INTO note VALUES ('n', ?) ON CONFLICT DO UPDATE SET value = excluded.value").run(String(i));
        if (i % 20 === 0) process.stdout.write(i + '\\n');
      }`;
    const child = spawn(process.execPath, ['-e', script]);
    const said = await new Promise<number>((resolve, reject) => {
      child.stderr.on('data', (data: Buffer) => {
        reject(new Error(data.toString()));
      });
      child.stdout.on('data', (data: Buffer) => {
        resolve(Number(data.toString().trim().split('\n').at(-1)));
      });
    });
    expect(() => openStudy(folder)).toThrow(new RegExp(`process ${child.pid}`));
    using reader = readStudy(folder);
    expect(reader.rows()).toHaveLength(1);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    using store = openStudy(folder);
    expect(store.noted('n')).toBeGreaterThanOrEqual(said);
  });
});

describe('schema', () => {
  const fixture = (version: number) => new URL(`fixtures/v${version}.sqlite`, import.meta.url);
  const versions = Array.from({ length: SCHEMA_VERSION }, (_, i) => i + 1);

  it.each(versions)(
    'version %i has its file, which is read unchanged and migrated with a copy kept',
    (version) => {
      expect(existsSync(fixture(version)), 'each schema version needs a file that was written by it').toBe(
        true,
      );
      mkdirSync(folder);
      cpSync(fixture(version), file());
      const bytes = readFileSync(file());
      const before = sqlite(file(), { readonly: true });
      expect(before.pragma('user_version', { simple: true })).toBe(version);
      expect(before.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
      const { n } = before.prepare<[], { n: number }>('SELECT count(*) AS n FROM trial').get()!;
      before.close();
      const expected = ['done', 'infeasible', 'failed', 'running', 'done'].slice(0, n);
      {
        using reader = readStudy(folder);
        expect(reader.rows().map((row) => row.state)).toEqual(expected);
        expect(reader.count()).toBe(n);
        expect(reader.frontier()).toEqual(frontier(reader.rows()));
        expect(reader.best(2)).toEqual(bestUnder(reader.rows(), 2));
        expect(reader.best(2)?.trial).toBe(version === 1 ? 1 : 5);
      }
      expect(readdirSync(folder)).toEqual(['trials.sqlite']);
      expect(readFileSync(file()).equals(bytes)).toBe(true);
      let rows;
      {
        using store = openStudy(folder);
        rows = store.rows();
        expect(rows.map((row) => row.state)).toEqual(expected);
        expect(store.trial(1)?.outcome).toMatchObject({ state: 'done', accuracy: 0.9 });
        // Version 1 knew no loss on held-out pictures.
        const curve = done(0.9, 1.5).curve.map(({ heldOutLoss: _, ...point }) => point);
        if (version === 1) expect(store.trial(1)?.outcome).toEqual(done(0.9, 1.5, { curve }));
        expect(rows[0]?.also?.[0]?.platform).toBe(version === 1 ? undefined : 'chromium:wasm');
        expect(store.strategyState()).toEqual({ weights: 'A'.repeat(5000), batch: [1] });
        expect(store.noted('search.seconds')).toBe(12.5);
        expect(store.frontier()).toEqual(frontier(rows));
        store.begin([newTrial()], null);
      }
      const kept = `${file()}.v${version}`;
      expect(existsSync(kept)).toBe(version < SCHEMA_VERSION);
      if (version === SCHEMA_VERSION) return;
      const copy = sqlite(kept, { readonly: true });
      expect(copy.pragma('user_version', { simple: true })).toBe(version);
      expect(copy.prepare('SELECT count(*) AS n FROM trial').get()).toEqual({ n });
      copy.close();
    },
  );

  it.each([
    ['an empty file', () => Buffer.alloc(0)],
    ['the start of one', (bytes: Buffer) => bytes.subarray(0, 4096)],
  ])('%s is not taken for the copy that is kept', (_, cut) => {
    mkdirSync(folder);
    cpSync(fixture(1), file());
    writeFileSync(`${file()}.v1`, cut(readFileSync(file())));
    writeFileSync(`${file()}.v1.new`, 'left by a kill');
    openStudy(folder)[Symbol.dispose]();
    const copy = sqlite(`${file()}.v1`, { readonly: true });
    expect(copy.pragma('user_version', { simple: true })).toBe(1);
    expect(copy.prepare('SELECT count(*) AS n FROM trial').get()).toEqual({ n: 4 });
    copy.close();
    expect(readdirSync(folder).sort()).toEqual(['trials.lock', 'trials.sqlite', 'trials.sqlite.v1']);
  });

  it('a whole copy that is there already is kept unchanged', () => {
    mkdirSync(folder);
    cpSync(fixture(1), file());
    const copy = sqlite(`${file()}.v1`);
    copy.exec('CREATE TABLE mine (a)');
    copy.close();
    const before = readFileSync(`${file()}.v1`);
    openStudy(folder)[Symbol.dispose]();
    expect(readFileSync(`${file()}.v1`).equals(before)).toBe(true);
  });

  it('leads to the same tables and indexes from every version', () => {
    const schemas = versions.map((version) => {
      mkdirSync(`${folder}-${version}`);
      cpSync(fixture(version), join(`${folder}-${version}`, 'trials.sqlite'));
      openStudy(`${folder}-${version}`)[Symbol.dispose]();
      const database = sqlite(join(`${folder}-${version}`, 'trials.sqlite'), { readonly: true });
      const found = database
        .prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name')
        .all();
      database.close();
      return found;
    });
    for (const schema of schemas) expect(schema).toEqual(schemas.at(-1));
  });
});

describe('without the native package', () => {
  it('one line names the fix', () => {
    const missing = (): never => {
      throw new Error("Cannot find module 'better-sqlite3'\nRequire stack: …");
    };
    expect(() => loadSqliteFrom(missing)).toThrow(coded('NAS_SQLITE_UNAVAILABLE'));
    expect(() => loadSqliteFrom(missing)).toThrow(/fix: run: npx nas setup$/);
    const wrong = () =>
      class {
        constructor() {
          throw new Error('was compiled against a different Node.js version using NODE_MODULE_VERSION 127');
        }
      };
    expect(() => loadSqliteFrom(wrong)).toThrow(coded('NAS_SQLITE_UNAVAILABLE'));
  });
});
