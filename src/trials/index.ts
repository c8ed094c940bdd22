/** Studies, trials, outcomes and the SQLite store that keeps them. Knows the space only. */
export * from './schema/index.js';
export type * from './model/trial.js';
export type * from './model/evaluator.js';
export type * from './store.js';
export {
  readController,
  recordController,
  type ControllerHistory,
  type ControllerRecorder,
} from './model/controller-history.js';
export {
  COLUMN_NAMES,
  SORT_COLUMNS,
  TRIAL_KINDS,
  TRIAL_STATES,
  type ColumnName,
  type SortColumn,
  type SortKey,
} from './query/columns.js';
export { bestSoFar, collectRows, eachRow } from './model/all-rows.js';
export { deviceGroup, devicesOf, isOnDevices, isTimedAgain } from './model/device.js';
export { bestUnder, frontier, type Best, type FrontierOptions } from './model/frontier.js';
export { createMemoryStore } from './memory.js';
export { checkStudyName } from './model/names.js';
export { trialRow, type AlsoLatency, type TrialRow } from './model/row.js';
export { correctedSamplesMs } from './model/samples.js';
export {
  againstTarget,
  meetsTargets,
  bindingMs,
  type AgainstTarget,
  type TargetVerdict,
} from './model/targets.js';
export { parseWhere } from './query/where/parse.js';
export type { Condition } from './query/where/condition.js';
export { faultOf, repairStudy, type Repaired } from './sqlite/recovery/repair.js';
export { listStudies, readRunsFolder, skippedFrom, type RunsFolder, type Skipped } from './sqlite/list.js';
export { lockFile } from './sqlite/lock.js';
export {
  createStudy,
  openStudy,
  openStudyAside,
  readStudy,
  removeStudy,
  type NewStudy,
} from './sqlite/study.js';
