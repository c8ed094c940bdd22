import type { Choice } from '../../space/index.js';
import type { TrialReader, TrialRow, TrialState } from '../../trials/index.js';
import { predictionErrorView } from './prediction-error.js';
import { indistinguishableOnFrontier, indistinguishablePairs } from './indistinguishable.js';
import { bestSoFar } from './best-so-far.js';
import { controllerView } from './controller.js';
import { choiceImportances } from './choice-importance.js';
import { lineageViews } from './lineage.js';
import { hypervolume, referencePoint } from './hypervolume.js';
import { pointColumns } from './point-columns.js';
import { finalResult } from './result.js';
import type { PoolView, ScalingGain, StudyHead, StudyView } from './view.js';

/** What a view of a study needs to know in addition to its trials. */
export interface StudyFacts {
  readonly head: StudyHead;
  /** Of the first platform. */
  readonly targetMs: number;
  /** Of the data. */
  readonly classes: number;
  /** The space's, in the order of genomes; null where the study was made with another version of the space. */
  readonly choices: readonly Choice[] | null;
  readonly pool: PoolView | null;
  readonly scaling: ScalingGain | null;
  /** Now, in ms since 1970. */
  readonly asOf: number;
}

/** All that a page shows of a study; reads the store only. */
export function studyView(reader: TrialReader, facts: StudyFacts): StudyView {
  // Before the rows, so that all of these are among them.
  const front = reader.frontier();
  const best = reader.best(facts.targetMs)?.trial ?? null;
  const rows = reader.rows();
  const result = finalResult(rows, facts.targetMs);
  const { head, targetMs, classes, choices, pool, scaling, asOf } = facts;
  return {
    head,
    asOf,
    counts: countsOf(rows),
    points: pointColumns(rows),
    frontier: front.map((row) => row.trial),
    indistinguishable: indistinguishablePairs(indistinguishableOnFrontier(front)),
    result: result && { trial: result.row.trial, meets: result.meets },
    scaling,
    best,
    hypervolume: hypervolume(front.flatMap(reached), referencePoint(targetMs, classes)),
    bestSoFar: bestSoFar(rows, front, targetMs),
    choiceImportance: choices === null ? [] : choiceImportances(rows, reader.genomes(), choices, front),
    controller: controllerView(reader, rows),
    predictionError: predictionErrorView(rows, reader.predicted()),
    lineages: lineageViews(reader, rows),
    pool,
  };
}

function countsOf(rows: readonly TrialRow[]): Record<TrialState, number> {
  const counts = { running: 0, done: 0, stopped: 0, infeasible: 0, failed: 0 };
  for (const row of rows) counts[row.state]++;
  return counts;
}

function reached({ latencyMs, accuracy }: TrialRow): { latencyMs: number; accuracy: number }[] {
  return latencyMs === null || accuracy === null ? [] : [{ latencyMs, accuracy }];
}
