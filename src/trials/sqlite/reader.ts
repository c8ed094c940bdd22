import { deepFreeze, type Json } from '../../core/index.js';
import type { Genome } from '../../space/index.js';
import type { Filter, RowQuery, SortColumn, Study, TrialReader } from '../store.js';
import type { TrialRow } from '../row.js';
import type { Trial } from '../trial.js';
import { decodeTrial, rowOf, trialColumns, type DetailRow, type TrialValues } from './codec.js';
import { damaged, told } from './errors.js';
import type { Database } from './load.js';
import { versionOf } from './schema.js';
import { unpackState } from './state.js';

/** How many whole trials are in memory at once while all are walked through. */
const PAGE = 500;

const SORT: Readonly<Record<SortColumn, string>> = {
  trial: 'trial.id',
  accuracy: 'accuracy',
  latencyMs: 'latency_ms',
  reward: 'reward',
  params: 'params',
  madds: 'madds',
  seconds: 'seconds',
  createdAt: 'created_at',
  finishedAt: 'finished_at',
};

/** Reads a study over an open connection; the connection is the caller's to close. */
export function readerOf(database: Database, path: string): TrialReader {
  const study = told(path, () => readStudyRow(database, path));
  const columns = trialColumns(versionOf(database));
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
  return {
    study,
    trial: (id) =>
      told(path, () => {
        const row = oneRow.get(id);
        return row && decode(row);
      }),
    *trials(filter = {}) {
      let last = 0;
      for (;;) {
        const { where, values } = conditions(filter, ['trial.id > ?'], [last]);
        const page = told(path, () =>
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
    rows: (query = {}) => told(path, () => selectRows(database, columns, study.name, query)),
    genomes: () =>
      told(path, () => {
        const pairs = database
          .prepare<[], [number, string]>('SELECT trial, genome FROM detail WHERE genome IS NOT NULL')
          .raw()
          .all();
        return new Map(pairs.map(([trial, genome]) => [trial, JSON.parse(genome) as Genome]));
      }),
    foretold: () =>
      told(path, () => {
        const pairs = database
          .prepare<[], [number, number]>(
            `SELECT trial, json_extract(latency, '$[4].foretold.medianMs') FROM detail
             WHERE latency LIKE '%"foretold"%'`,
          )
          .raw()
          .all();
        return new Map(pairs);
      }),
    strategyState: () =>
      told(path, () => {
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
      told(path, () => {
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
    name: string;
    spec: string;
    space_digest: string;
    seed: string;
    created_at: number;
    environment: string;
  }
  const row = database.prepare<[], Row>('SELECT * FROM study').get();
  if (row === undefined) throw damaged(path, 'holds no study');
  return deepFreeze({
    name: row.name,
    spec: JSON.parse(row.spec) as Json,
    spaceDigest: row.space_digest,
    seed: row.seed,
    createdAt: row.created_at,
    environment: JSON.parse(row.environment) as Json,
  });
}

function selectRows(
  database: Database,
  columns: string,
  study: string,
  query: RowQuery,
): readonly TrialRow[] {
  const extra: string[] = [];
  const bound: unknown[] = [];
  if (query.maxLatencyMs !== undefined) {
    extra.push('latency_ms <= ?');
    bound.push(query.maxLatencyMs);
  }
  if (query.minAccuracy !== undefined) {
    extra.push('accuracy >= ?');
    bound.push(query.minAccuracy);
  }
  const { where, values } = conditions(query, extra, bound);
  const column = SORT[query.sort ?? 'trial'];
  const order = `${column} ${query.descending ? 'DESC' : 'ASC'} NULLS LAST, trial.id`;
  return database
    .prepare<unknown[], TrialValues>(
      `SELECT ${columns} FROM trial WHERE ${where} ORDER BY ${order} LIMIT ? OFFSET ?`,
    )
    .raw()
    .all(...values, query.limit ?? -1, query.offset ?? 0)
    .map((row) => rowOf(study, row));
}

function conditions(
  filter: Filter,
  extra: readonly string[],
  bound: readonly unknown[],
): { readonly where: string; readonly values: readonly unknown[] } {
  const parts = [...extra];
  const values = [...bound];
  const among = (column: string, options: readonly string[] | undefined): void => {
    if (options === undefined) return;
    parts.push(`${column} IN (${options.map(() => '?').join(', ')})`);
    values.push(...options);
  };
  const equal = (column: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    parts.push(`${column} = ?`);
    values.push(value);
  };
  among('kind', filter.kinds);
  among('state', filter.states);
  equal('text', filter.text);
  equal('parent', filter.parent);
  return { where: parts.length === 0 ? 'TRUE' : parts.join(' AND '), values };
}
