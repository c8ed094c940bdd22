/** Joins concrete parts from a checked configuration; the only room that knows all others. */
export { inspectCards, setupTensorflow } from '../backends/index.js';
export { runAgent, type AgentWishes, type RunningAgent } from './agent.js';
export { AGENT_PORT } from '../latency/index.js';
export { DEFAULTS, defaultWorkers, EXPONENT, type StudyWishes } from './defaults.js';
export { chooseTarget } from './choose-target.js';
export { compareStudies } from './compare-studies.js';
export { compareTrials, type NamedTrial } from './compare-trials.js';
export { doctor, type DoctorCheck, type DoctorOptions } from './doctor.js';
export { givenToken, type GivenToken, type TokenWishes } from './token-file.js';
export { FOLDERS, packageVersion, places, type Places } from './environment.js';
export type { AppEvent, Listener } from './events.js';
export { exhaustedText } from '../search/index.js';
export { exportTrial, type Exported, type ExportWishes } from './export-phase.js';
export type { LatencyEnd, LatencyProgress } from './latency-job.js';
export { askTable, exportLatencyTable, listTables, openTable } from './latency-summary.js';
export {
  buildLatencyTable,
  importLatencyTable,
  meantTable,
  MOST_CALIBRATION,
  validateLatencyTable,
  type ImportedTable,
} from './latency-tables.js';
export { namedArchitecture, namedPlatform, namedSpace } from './named.js';
export {
  beginStudy,
  checkWishes,
  prepareStudy,
  withTarget,
  type NewStudyWishes,
  type PreparedStudy,
} from './prepare.js';
export { pruneStudy, type Files as PrunedFiles, type KeptFor, type Pruned } from './prune.js';
export { bestSeed, refinePhase, requireTrial, type RefineWishes } from './refine-phase.js';
export { replayTrial, type ReplayWishes } from './replay.js';
export { reportData, writeReport } from './report.js';
export { repairMeantStudy, type RepairEnd } from './repair.js';
export { bestTrial, retrainPhase, type RetrainWishes } from './retrain-phase.js';
export { searchPhase } from './search-phase.js';
export { resumeSession, type Session, type SessionOptions } from './session.js';
export type { StudySpec } from './spec.js';
export { meantStudy, readMeantStudy, specOf, studyFolder } from './studies.js';
export type { Phase } from './time-plan.js';
export type { FinalNetwork } from './choose-final.js';
export { isFinished, isWholeRun, runClock, wholeRun, type RunClock, type WholeRun } from './whole-run.js';
export { viewOfStudy, viewOfTrial } from './view.js';
export { ONNXRUNTIME_ENVIRONMENT } from '../backends/index.js';
