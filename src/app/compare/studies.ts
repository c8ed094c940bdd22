import { hypervolume, referencePoint, type StudyComparison, type StudySide } from '../../report/index.js';
import {
  bestUnder,
  frontier,
  type LatencyRecord,
  type TrialReader,
  type TrialRow,
  type TrialState,
} from '../../trials/index.js';
import { comparedAccuracy } from './trials.js';
import { latencyVerdicts } from '../latency/verdict.js';
import { specOf } from '../study/studies.js';

/**
 * Two studies as wholes: counts, the best within each one's target, frontiers and their hypervolumes from one reference
 * point. Frontiers of different data or devices are not compared, which is stated. Reads the store only.
 */
export function compareStudies(a: TrialReader, b: TrialReader): StudyComparison {
  const [rowsA, rowsB] = [a.rows(), b.rows()];
  const [specA, specB] = [specOf(a), specOf(b)];
  const reference = referencePoint(
    Math.max(specA.latency.targetMs, specB.latency.targetMs),
    Math.max(specA.task.classes, specB.task.classes),
  );
  const why = incomparable(a, b, frontier(rowsA), frontier(rowsB));
  const own = (reader: TrialReader) => {
    const { latency, task } = specOf(reader);
    return referencePoint(latency.targetMs, task.classes);
  };
  const one = sideOf(a, rowsA, why === null ? reference : own(a));
  const other = sideOf(b, rowsB, why === null ? reference : own(b));
  const texts = new Set(rowsA.map((row) => row.text));
  return {
    a: one,
    b: other,
    accuracy:
      one.best === null || other.best === null
        ? { verdict: 'incomparable', a: null, b: null, why: 'no trial within its target' }
        : comparedAccuracy({ row: one.best, reader: a }, { row: other.best, reader: b }),
    latencies:
      one.best === null || other.best === null
        ? []
        : latencyVerdicts(latencyOf(a, one.best), latencyOf(b, other.best)),
    beaten:
      why === null
        ? { a: beatenBy(one.frontier, other.frontier), b: beatenBy(other.frontier, one.frontier) }
        : null,
    why,
    shared: new Set(rowsB.map((row) => row.text).filter((text) => texts.has(text))).size,
  };
}

function sideOf(
  reader: TrialReader,
  rows: readonly TrialRow[],
  reference: ReturnType<typeof referencePoint>,
): StudySide {
  const { data, space, strategy, seed, latency } = specOf(reader);
  const front = frontier(rows);
  const counts: Partial<Record<TrialState, number>> = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  return {
    study: reader.study.name,
    data: data.name,
    space: space.name,
    strategy: strategy.name,
    seed,
    platform: latency.platform,
    targetMs: latency.targetMs,
    counts,
    trials: rows.length,
    best: bestUnder(rows, latency.targetMs) ?? null,
    retrained: bestUnder(rows, latency.targetMs, { evaluationSplit: 'test' }) ?? null,
    frontier: front,
    hypervolume: hypervolume(pointsOn(front), reference),
    seconds: rows.reduce((sum, row) => sum + (row.seconds ?? 0), 0),
  };
}

function incomparable(
  a: TrialReader,
  b: TrialReader,
  frontA: readonly TrialRow[],
  frontB: readonly TrialRow[],
): string | null {
  const [dataA, dataB] = [specOf(a).data.name, specOf(b).data.name];
  if (dataA !== dataB) return `their accuracies are of ${dataA} and of ${dataB}`;
  const [deviceA, deviceB] = [frontA[0]?.fingerprint, frontB[0]?.fingerprint];
  if (deviceA === undefined || deviceB === undefined) return 'one of them has no trained trial yet';
  if (deviceA === deviceB) return null;
  const inWords = (row: TrialRow | undefined): string =>
    `${row?.platform ?? '?'} (device ${(row?.fingerprint ?? '?').slice(0, 8)})`;
  return `their latencies are of ${inWords(frontA[0])} and of ${inWords(frontB[0])}, which do not convert into each other`;
}

function pointsOn(rows: readonly TrialRow[]): { readonly latencyMs: number; readonly accuracy: number }[] {
  return rows.flatMap(({ latencyMs, accuracy }) =>
    latencyMs === null || accuracy === null ? [] : [{ latencyMs, accuracy }],
  );
}

function beatenBy(rows: readonly TrialRow[], others: readonly TrialRow[]): number {
  const points = pointsOn(others);
  return pointsOn(rows).filter((one) =>
    points.some((other) => other.latencyMs <= one.latencyMs && other.accuracy >= one.accuracy),
  ).length;
}

function latencyOf(reader: TrialReader, row: TrialRow): LatencyRecord | null {
  return reader.trial(row.trial)?.outcome?.latency ?? null;
}
