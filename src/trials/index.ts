/** Studies, trials, outcomes and the SQLite store that keeps them. Knows the space only. */
export * from './schema/index.js';
export type * from './trial.js';
export type * from './evaluator.js';
export type * from './store.js';
export {
  readController,
  recordController,
  type ControllerHistory,
  type ControllerRecorder,
} from './controller-history.js';
export {
  COLUMN_NAMES,
  SORT_COLUMNS,
  TRIAL_KINDS,
  TRIAL_STATES,
  type ColumnName,
  type SortColumn,
  type SortKey,
} from './columns.js';
export { bestSoFar, eachRow } from './all-rows.js';
export { bestUnder, frontier, type Best, type FrontierOptions } from './frontier.js';
export { createMemoryStore } from './memory.js';
export { checkStudyName } from './names.js';
export { trialRow, type AlsoLatency, type TrialRow } from './row.js';
export { correctedSamplesMs } from './samples.js';
export {
  againstTarget,
  meetsTargets,
  tightestMs,
  type AgainstTarget,
  type TargetVerdict,
} from './targets.js';
export { parseWhere } from './where/parse.js';
export type { Condition } from './where/condition.js';
export { faultOf, repairStudy, type Repaired } from './sqlite/salvage/repair.js';
export { listStudies, readRunsFolder, skippedFrom, type RunsFolder, type Skipped } from './sqlite/list.js';
export { lockFile } from './sqlite/lock.js';
export { createStudy, openStudy, readStudy, removeStudy, type NewStudy } from './sqlite/study.js';
