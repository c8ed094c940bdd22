import { formatDuration, formatMs, type Json } from '../../core/index.js';
import { bestUnder, frontier, type Study, type TrialRow, type TrialState } from '../../trials/index.js';
import { PROXY_BEST, RESULT, proxyText, resultText } from './result.js';
import { line, paint, type Style } from './style.js';
import { fit, neutral, wrap } from './text.js';
import { finalResult } from '../view/result.js';

/** What a study has come to: the final result, the best of the search, trials by state, the frontier's size, time, environment. */
export function studySummary(
  study: Study,
  rows: readonly TrialRow[],
  targetMs: number | null,
  style: Style,
): string {
  const best = bestUnder(rows, targetMs ?? Number.POSITIVE_INFINITY);
  const result = finalResult(rows, targetMs ?? Number.POSITIVE_INFINITY);
  const seconds = rows.reduce((sum, row) => sum + (row.seconds ?? 0), 0);
  const fields: readonly (readonly [string, string])[] = [
    ['target', targetMs === null ? 'none' : formatMs(targetMs)],
    ...(result === null ? [] : [[RESULT, resultText(result)] as const]),
    [PROXY_BEST, best === undefined ? noneText(rows, targetMs) : proxyText(best)],
    ['trials', countsOf(rows)],
    ['frontier', `${frontier(rows).length} trials`],
    ['trial time', formatDuration(seconds)],
    ['seed', study.seed],
    ['space', study.spaceDigest.slice(0, 12)],
    ['begun', new Date(study.createdAt).toISOString()],
    ...environmentOf(study.environment),
  ];
  return [
    line([[`study ${neutral(study.name)}`, 'title']], style),
    ...fields.flatMap(([label, text]) =>
      wrap(neutral(text), Math.max(8, style.width - 12)).map((part, index) =>
        `${paint(fit(index === 0 ? neutral(label) : '', 12), 'quiet', style.colour)}${part}`.trimEnd(),
      ),
    ),
  ].join('\n');
}

function noneText(rows: readonly TrialRow[], targetMs: number | null): string {
  const done = rows.filter((row) => row.state === 'done' && row.latencyMs !== null);
  const fastest = Math.min(...done.map((row) => row.latencyMs ?? Infinity));
  if (done.length === 0 || targetMs === null) return 'no trial is done yet';
  return `none meets the target; the fastest takes ${formatMs(fastest)}`;
}

function countsOf(rows: readonly TrialRow[]): string {
  const counts = new Map<TrialState, number>();
  for (const row of rows) counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
  const order: readonly TrialState[] = ['done', 'running', 'infeasible', 'stopped', 'failed'];
  const parts = order.flatMap((state) => (counts.has(state) ? [`${counts.get(state)} ${state}`] : []));
  return parts.length === 0 ? 'none' : `${rows.length}: ${parts.join(', ')}`;
}

/** The flat entries of the environment, of any shape. */
function environmentOf(environment: Json): (readonly [string, string])[] {
  if (environment === null || typeof environment !== 'object' || Array.isArray(environment)) return [];
  return Object.entries(environment).flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'number'
      ? [[key.slice(0, 11), String(value)] as const]
      : [],
  );
}
