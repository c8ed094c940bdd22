import { specOf } from '../app/index.js';
import {
  indistinguishableOnFrontier,
  finalResult,
  frontierPicture,
  frontierSummary,
  hypervolume,
  pointsOf,
  referencePoint,
  type FrontierSummary,
} from '../report/index.js';
import { bestUnder, frontier, type TrialReader, type TrialRow } from '../trials/index.js';
import type { Output } from './output.js';

/**
 * The frontier of a study's finished trials as every command draws it, with what is said below. `best`: the trial to
 * mark, if not by the target.
 */
export function studyPicture(reader: TrialReader, targetMs: number, output: Output, best?: number): string {
  const rows = reader.rows({ states: ['done'] });
  const picture = frontierPicture(pointsOf(rows), {
    targetMs,
    width: Math.min(output.width, 100),
    height: 18,
    colour: output.colour,
    ...(best === undefined ? {} : { best }),
  });
  const summary = frontierSummary(summaryOf(reader, rows), output);
  return summary === '' ? picture : `${picture}\n\n${summary}`;
}

/** A study's frontier with its hypervolume from the study's own reference point, and what of it is indistinguishable. */
export function summaryOf(reader: TrialReader, rows: readonly TrialRow[]): FrontierSummary {
  const { latency, task } = specOf(reader);
  const front = frontier(rows);
  const points = front.flatMap(({ latencyMs, accuracy }) =>
    latencyMs === null || accuracy === null ? [] : [{ latencyMs, accuracy }],
  );
  return {
    result: finalResult(rows, latency.targetMs),
    best: bestUnder(rows, latency.targetMs),
    frontier: front,
    hypervolume: hypervolume(points, referencePoint(latency.targetMs, task.classes)),
    indistinguishable: indistinguishableOnFrontier(front),
  };
}
