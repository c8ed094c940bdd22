import type { ColumnName } from '../query/columns.js';
import { sortKeys } from '../query/rules.js';
import type { Filter, RowQuery } from '../store.js';
import type { TrialRow } from '../model/row.js';
import { rowOf, type TrialValues } from './codec.js';
import type { Database } from './load.js';
import { sqlColumn, sqlOf, type Sql } from './where.js';

/** @param columns as `trialColumns` names them */
export function selectRows(
  database: Database,
  columns: string,
  study: string,
  query: RowQuery,
): readonly TrialRow[] {
  return select<TrialValues>(database, columns, query).map((row) => rowOf(study, row));
}

/** The first rows behind a trial, by ascending id. */
export function selectAfter(
  database: Database,
  columns: string,
  study: string,
  filter: Filter,
  after: number,
  limit: number,
): readonly TrialRow[] {
  const { where, values } = conditions(filter, [{ where: 'trial.id > ?', values: [after] }]);
  return database
    .prepare<unknown[], TrialValues>(`SELECT ${columns} FROM trial WHERE ${where} ORDER BY trial.id LIMIT ?`)
    .raw()
    .all(...values, limit)
    .map((row) => rowOf(study, row));
}

export function selectValues(
  database: Database,
  names: readonly ColumnName[],
  query: RowQuery,
): readonly (readonly (string | number | null)[])[] {
  return select(database, names.length === 0 ? 'NULL' : names.map(sqlColumn).join(', '), query);
}

export function countRows(database: Database, query: RowQuery): number {
  const { where, values } = whichRows(query);
  return database
    .prepare<unknown[], number>(`SELECT count(*) FROM trial WHERE ${where}`)
    .pluck()
    .get(...values) as number;
}

function select<T extends readonly unknown[]>(database: Database, columns: string, query: RowQuery): T[] {
  const { where, values } = whichRows(query);
  const order = sortKeys(query)
    .map(({ column, descending }) => `${sqlColumn(column)} ${descending ? 'DESC' : 'ASC'} NULLS LAST, `)
    .join('');
  return database
    .prepare<unknown[], T>(
      `SELECT ${columns} FROM trial WHERE ${where} ORDER BY ${order}trial.id LIMIT ? OFFSET ?`,
    )
    .raw()
    .all(...values, query.limit ?? -1, query.offset ?? 0);
}

function whichRows(query: RowQuery): Sql {
  const extra: Sql[] = [];
  if (query.maxLatencyMs !== undefined)
    extra.push({ where: 'latency_ms <= ?', values: [query.maxLatencyMs] });
  if (query.minAccuracy !== undefined) extra.push({ where: 'accuracy >= ?', values: [query.minAccuracy] });
  if (query.where !== undefined) extra.push(sqlOf(query.where));
  return conditions(query, extra);
}

/** The parts joined by AND, with their values in the order of their places. */
export function conditions(filter: Filter, extra: readonly Sql[]): Sql {
  const parts = [...extra];
  const among = (column: string, options: readonly string[] | undefined): void => {
    if (options === undefined) return;
    parts.push({ where: `${column} IN (${options.map(() => '?').join(', ')})`, values: options });
  };
  const equal = (column: string, value: string | number | undefined): void => {
    if (value !== undefined) parts.push({ where: `${column} = ?`, values: [value] });
  };
  among('kind', filter.kinds);
  among('state', filter.states);
  equal('text', filter.text);
  equal('parent', filter.parent);
  return {
    where: parts.length === 0 ? 'TRUE' : parts.map(({ where }) => where).join(' AND '),
    values: parts.flatMap(({ values }) => values),
  };
}
