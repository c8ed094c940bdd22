import { basename, dirname, resolve } from 'node:path';
import { deepFreeze, type Json } from '../../core/index.js';
import type { Genome } from '../../space/index.js';
import { bestUnder, frontier } from '../model/frontier.js';
import type { RowQuery, Study, TrialReader } from '../store.js';
import type { TrialRow } from '../model/row.js';
import type { Trial } from '../model/trial.js';
import { decodeTrial, trialColumns, type DetailRow } from './codec.js';
import { damaged, translating } from './errors.js';
import { frontOf } from './front.js';
import type { Database } from './load.js';
import { conditions, countRows, selectAfter, selectRows, selectValues } from './query.js';
import { versionOf } from './schema.js';
import { unpackState } from './state.js';

/** How many trials are read per query while all are walked through. */
const PAGE = 500;

/** Reads a study over an open connection; the connection is the caller's to close. */
export function readerOf(database: Database, path: string): TrialReader {
  const study = translating(path, () => readStudyRow(database, path));
  const version = versionOf(database);
  const columns = trialColumns(version);
  const oneRow = database.prepare<[number], TrialRow & DetailRow>(
    `SELECT ${columns}, detail.* FROM trial JOIN detail ON detail.trial = trial.id WHERE trial.id = ?`,
  );
  const decode = (row: TrialRow & DetailRow): Trial => {
    try {
      return decodeTrial({ ...row, study: study.name }, row);
    } catch (error) {
      throw damaged(path, `holds a trial ${row.trial} that makes no sense`, error);
    }
  };
  const rows = (query: RowQuery = {}): readonly TrialRow[] =>
    translating(path, () => selectRows(database, columns, study.name, query));
  const done = (): readonly TrialRow[] => rows({ states: ['done'] });
  /** A file of an older version lacks the index that makes this quick. */
  const front = version < 3 ? undefined : frontOf(database, columns, study.name);
  return {
    study,
    trial: (id) =>
      translating(path, () => {
        const row = oneRow.get(id);
        return row && decode(row);
      }),
    *trials(filter = {}) {
      let last = 0;
      for (;;) {
        const { where, values } = conditions(filter, [{ where: 'trial.id > ?', values: [last] }]);
        const page = translating(path, () =>
          database
            .prepare<unknown[], TrialRow & DetailRow>(
              `SELECT ${columns}, detail.* FROM trial JOIN detail ON detail.trial = trial.id
               WHERE ${where} ORDER BY trial.id LIMIT ${PAGE}`,
            )
            .all(...values),
        );
        for (const row of page) yield decode(row);
        last = page.at(-1)?.trial ?? last;
        if (page.length < PAGE) return;
      }
    },
    rows,
    *pages(filter = {}) {
      let last = 0;
      for (;;) {
        const page = translating(path, () => selectAfter(database, columns, study.name, filter, last, PAGE));
        if (page.length > 0) yield page;
        last = page.at(-1)?.trial ?? last;
        if (page.length < PAGE) return;
      }
    },
    values: (names, query = {}) => translating(path, () => selectValues(database, names, query)),
    count: (query = {}) => translating(path, () => countRows(database, query)),
    frontier: (options = {}) =>
      translating(path, () => (front === undefined ? frontier(done(), options) : front.frontier(options))),
    best: (targetMs, options = {}) =>
      translating(path, () =>
        front === undefined ? bestUnder(done(), targetMs, options) : front.best(targetMs, options),
      ),
    genomes: () =>
      translating(path, () => {
        const pairs = database
          .prepare<[], [number, string]>('SELECT trial, genome FROM detail WHERE genome IS NOT NULL')
          .raw()
          .all();
        // Parsed all together: twice as fast as one by one.
        const genomes = JSON.parse(`[${pairs.map(([, genome]) => genome).join()}]`) as Genome[];
        return new Map(genomes.map((genome, at) => [(pairs[at] as [number, string])[0], genome]));
      }),
    predicted: () =>
      translating(path, () => {
        const pairs = database
          .prepare<[], [number, number]>(
            // Earlier versions wrote `foretold`.
            `SELECT trial, json_extract(latency, '$[4].predicted.medianMs') AS ms FROM detail
             WHERE instr(latency, '"predicted":{') AND ms IS NOT NULL
             UNION ALL
             SELECT trial, json_extract(latency, '$[4].foretold.medianMs') FROM detail
             WHERE instr(latency, '"foretold"')`,
          )
          .raw()
          .all();
        return new Map(pairs);
      }),
    strategyState: () =>
      translating(path, () => {
        const row = database.prepare<[], { state: string }>('SELECT state FROM strategy').get();
        if (row === undefined) return null;
        const blob = database.prepare<[string], { value: string }>('SELECT value FROM blob WHERE digest = ?');
        return unpackState(row.state, (digest) => {
          const found = blob.get(digest);
          if (found === undefined) throw damaged(path, 'lacks a part of the saved strategy');
          return found.value;
        });
      }),
    noted: (key) =>
      translating(path, () => {
        const row = database
          .prepare<[string], { value: string }>('SELECT value FROM note WHERE key = ?')
          .get(key);
        return row && (JSON.parse(row.value) as Json);
      }),
    [Symbol.dispose]: () => void database.close(),
  };
}

function readStudyRow(database: Database, path: string): Study {
  interface Row {
    spec: string;
    space_digest: string;
    seed: string;
    created_at: number;
    environment: string;
  }
  const row = database.prepare<[], Row>('SELECT * FROM study').get();
  if (row === undefined) throw damaged(path, 'holds no study');
  return deepFreeze({
    // The folder's, not the one stored: a folder that was renamed or copied is a separate study.
    name: basename(dirname(resolve(path))),
    spec: JSON.parse(row.spec) as Json,
    spaceDigest: row.space_digest,
    seed: row.seed,
    createdAt: row.created_at,
    environment: JSON.parse(row.environment) as Json,
  });
}
