import type { ColumnName } from '../query/columns.js';
import type { Condition } from '../query/where/condition.js';

/** Text of ours with a `?` for each value of the user's. */
export interface Sql {
  readonly where: string;
  readonly values: readonly (string | number)[];
}

const COLUMNS: Readonly<Record<ColumnName, string>> = {
  trial: 'trial.id',
  state: 'state',
  kind: 'kind',
  parent: 'parent',
  text: 'text',
  params: 'params',
  madds: 'madds',
  accuracy: 'accuracy',
  latencyMs: 'latency_ms',
  latencyLowMs: 'latency_low_ms',
  latencyHighMs: 'latency_high_ms',
  latencySource: 'latency_source',
  platform: 'platform',
  fingerprint: 'fingerprint',
  reward: 'reward',
  seed: 'seed',
  seconds: 'seconds',
  reason: 'reason',
  attempts: 'attempts',
  createdAt: 'created_at',
  finishedAt: 'finished_at',
  checkpoint: 'checkpoint',
};

/** The `trial` table's column. Throws RangeError (a bug of the caller) for any other name. */
export function sqlColumn(name: ColumnName): string {
  if (!Object.hasOwn(COLUMNS, name)) throw new RangeError(`no column ${name}`);
  return COLUMNS[name];
}

/** The condition for SQLite, with the meaning that `holds` gives it. */
export function sqlOf(condition: Condition): Sql {
  switch (condition.is) {
    case 'and':
    case 'or': {
      const [left, right] = [sqlOf(condition.left), sqlOf(condition.right)];
      return {
        where: `(${left.where} ${condition.is === 'and' ? 'AND' : 'OR'} ${right.where})`,
        values: [...left.values, ...right.values],
      };
    }
    case 'not': {
      const { where, values } = sqlOf(condition.of);
      return { where: `(NOT ${where})`, values };
    }
    case 'null':
      return { where: `(${sqlColumn(condition.column)} IS NULL)`, values: [] };
    case 'in': {
      const places = condition.values.map(() => '?').join(', ');
      return { where: `(${sqlColumn(condition.column)} IN (${places}))`, values: condition.values };
    }
    case 'like':
      return { where: `(${sqlColumn(condition.column)} LIKE ?)`, values: [condition.pattern] };
    case 'contains':
      return { where: `(instr(${sqlColumn(condition.column)}, ?) > 0)`, values: [condition.pattern] };
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '=':
    case '!=':
      return { where: `(${sqlColumn(condition.column)} ${condition.is} ?)`, values: [condition.value] };
  }
}
