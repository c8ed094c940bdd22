import type { FrontierOptions } from '../model/frontier.js';
import type { TrialRow } from '../model/row.js';
import { meetsTargets } from '../model/targets.js';
import { rowOf, type TrialValues } from './codec.js';
import type { Database } from './load.js';

/** `frontier` and `bestUnder` of trials/frontier.ts in SQL. */
export interface Front {
  frontier(options: FrontierOptions): readonly TrialRow[];
  best(targetMs: number, options: FrontierOptions): TrialRow | undefined;
}

const MEETS_ALSO = `NOT EXISTS (
  SELECT 1 FROM trial, json_each(also) AS one
  WHERE trial.id = fast.id AND one.value ->> 'medianMs' > one.value ->> 'targetMs')`;

/** The devices of a trial's further platforms, as {@link devicesText} writes them. */
const ALSO_DEVICES = (trial: string): string => `(
  SELECT group_concat(one.value ->> 'fingerprint')
  FROM trial AS its, json_each(its.also) AS one WHERE its.id = ${trial})`;

function devicesText({ also }: TrialRow): string | null {
  return also === null || also.length === 0 ? null : also.map(({ fingerprint }) => fingerprint).join();
}

interface Group {
  readonly fingerprint: string;
  readonly source: string;
  readonly last: number;
  /** Devices of the further platforms of the latest trial; null where there are none. */
  readonly also: string | null;
}

/**
 * Over the index `trial_front` of version 3, which holds all that both compare. The frontier is one walk along it: the
 * next point is the first at least as slow that is more accurate than the last one.
 */
export function frontOf(database: Database, columns: string, study: string): Front {
  const kinds = (evaluationSplit: FrontierOptions['evaluationSplit']): string =>
    evaluationSplit === 'test' ? `kind = 'retrain'` : `kind IN ('sample', 'netadapt')`;
  const groups = (options: FrontierOptions): readonly Omit<Group, 'also'>[] =>
    database
      .prepare<[], Omit<Group, 'also'>>(
        `SELECT fingerprint, latency_source AS source, max(id) AS last FROM trial INDEXED BY trial_front
         WHERE state = 'done' AND ${kinds(options.evaluationSplit)} AND latency_source IN ('measured', 'table')
           AND latency_ms IS NOT NULL AND accuracy IS NOT NULL GROUP BY fingerprint, latency_source`,
      )
      .all();
  /** The device whose trials are compared: a measured latency before a looked-up one, then that of the latest. */
  const meant = (options: FrontierOptions): Group | undefined => {
    const better = (a: Omit<Group, 'also'>, b: Omit<Group, 'also'>): number =>
      Number(b.source === 'measured') - Number(a.source === 'measured') || b.last - a.last;
    const group = groups(options)
      .filter(({ fingerprint }) => options.fingerprint === undefined || fingerprint === options.fingerprint)
      .sort(better)[0];
    return group && { ...group, also: devicesText(rowFor(group.last)) };
  };
  const row = database.prepare<[number], TrialValues>(`SELECT ${columns} FROM trial WHERE id = ?`).raw();
  const rowFor = (id: number): TrialRow => rowOf(study, row.get(id) as TrialValues);
  const comparable = (options: FrontierOptions): string =>
    `state = 'done' AND ${kinds(options.evaluationSplit)} AND fingerprint = ? AND latency_source = ?`;

  return {
    frontier: (options) =>
      database.transaction(() => {
        const group = meant(options);
        if (group === undefined) return [];
        const next = database.prepare<
          [string, string, number, number, string | null],
          { id: number; latency: number; accuracy: number }
        >(
          `SELECT id, latency_ms AS latency, accuracy FROM trial INDEXED BY trial_front
             WHERE ${comparable(options)} AND latency_ms >= ? AND accuracy > ? AND ${ALSO_DEVICES('trial.id')} IS ?
             ORDER BY latency_ms, accuracy DESC, id LIMIT 1`,
        );
        const found: number[] = [];
        let [latency, accuracy] = [Number.NEGATIVE_INFINITY, -1];
        for (;;) {
          const point = next.get(group.fingerprint, group.source, latency, accuracy, group.also);
          if (point === undefined) return found.map(rowFor);
          found.push(point.id);
          ({ latency, accuracy } = point);
        }
      })(),
    best: (targetMs, options) =>
      database.transaction(() => {
        const group = meant(options);
        if (group === undefined) return undefined;
        const best = (condition: string, ...also: readonly (string | null)[]): TrialRow | undefined => {
          const found = database
            .prepare<[string, string, number, ...(string | null)[]], number>(
              `SELECT id FROM (
                 SELECT id, latency_ms, accuracy FROM trial INDEXED BY trial_front
                 WHERE ${comparable(options)} AND latency_ms <= ? AND accuracy IS NOT NULL) AS fast
               WHERE ${condition} ORDER BY accuracy DESC, latency_ms, id LIMIT 1`,
            )
            .pluck()
            .get(group.fingerprint, group.source, targetMs, ...also);
          return found === undefined ? undefined : rowFor(found);
        };
        const first = best('TRUE');
        if (first?.latencyMs == null) return undefined;
        // Further devices and targets stand in no index, so they are looked up only where the first found does not fit.
        const fits =
          devicesText(first) === group.also &&
          meetsTargets({ medianMs: first.latencyMs, also: first.also }, targetMs);
        return fits ? first : best(`${MEETS_ALSO} AND ${ALSO_DEVICES('fast.id')} IS ?`, group.also);
      })(),
  };
}
