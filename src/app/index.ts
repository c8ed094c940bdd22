/** Joins concrete parts from a checked configuration; the only room that knows all others. */
export { inspectCards } from '../backends/index.js';
export { benchStrategies, type StrategyBench } from './bench/strategies.js';
export { setUp, type SetupPart } from './setup/setup.js';
export { runAgent, type AgentOptions, type RunningAgent } from './latency/agent.js';
export { AGENT_PORT } from '../latency/index.js';
export { DEFAULTS, defaultWorkers, EXPONENT, type StudyOptions } from './study/defaults.js';
export { PROXY_CHECK, uncheckedProxy } from './proxy-check/known.js';
export { proxyCheckPhase, type ProxyCheckOptions } from './proxy-check/phase.js';
export { chooseTarget } from './search/choose-target.js';
export { compareStudies } from './compare/studies.js';
export { compareTrials, type NamedTrial } from './compare/trials.js';
export { DETECTOR_DEFAULTS, detectorOf, type DetectorOptions } from './detector/describe.js';
export { measureDetector, wholeDetector, writeDetector } from './detector/whole.js';
export { doctor, type DoctorCheck, type DoctorOptions } from './doctor/doctor.js';
export { givenToken, type GivenToken, type TokenOptions } from './latency/token-file.js';
export { followUp, withRuns } from './follow-up.js';
export { FOLDERS, packageVersion, places, type Places } from './environment.js';
export type { AppEvent, Listener } from './events.js';
export { exhaustedText, STRATEGY_NAMES } from '../search/index.js';
export { DIMENSION_KINDS, PAPER_KINDS, type DimensionKind } from '../netadapt/index.js';
export {
  DEFAULT_FILTER_CRITERION,
  DEFAULT_STEP_CRITERION,
  STEP_CRITERIA,
  type StepCriterion,
} from '../netadapt/index.js';
export { exportNamed, type NamedExport } from './export/named.js';
export { exportTrial, type Exported, type ExportOptions } from './export/phase.js';
export type { LatencyEnd, LatencyProgress } from './latency/job.js';
export { askTable, exportLatencyTable, listTables, openTable } from './latency/summary.js';
export {
  buildLatencyTable,
  importLatencyTable,
  meantTable,
  MOST_CALIBRATION,
  validateLatencyTable,
  type ImportedTable,
} from './latency/tables.js';
export { LOCK_SECONDS, serveWorker, type WorkerOptions } from './queue/serve-worker.js';
export { liveWorkers, type LiveWorker } from './queue/live-workers.js';
export type { QueueChoice } from './queue/study-queue.js';
export { resolveArchitecture, resolvePlatform, resolveSpace } from './resolve.js';
export {
  beginStudy,
  checkOptions,
  prepareStudy,
  withTarget,
  type NewStudyOptions,
  type PreparedStudy,
} from './study/prepare.js';
export { trustLinks, type StudyLink } from './study/own-path.js';
export { pruneStudy, type Files as PrunedFiles, type Pruned } from './study/prune.js';
export { givenNetwork, trialOfGiven, type GivenNetwork } from './refine/given-network.js';
export { LIBRARY_NAMES, type LibraryName } from '../network/index.js';
export { bestSeed, refinePhase, requireTrial, type RefinePhaseOptions } from './refine/phase.js';
export {
  DEFAULT_FINAL_TRAINING,
  FINAL_TRAININGS,
  finalTraining,
  type FinalTraining,
} from './refine/final.js';
export { replayTrial, type ReplayOptions } from './replay/replay.js';
export { reportData, writeReport } from './report/report.js';
export { repairMeantStudy, type RepairEnd } from './study/repair.js';
export { bestTrial, retrainPhase, type RetrainOptions } from './retrain/phase.js';
export { searchPhase } from './search/phase.js';
export { resumeSession, type Session, type SessionOptions } from './study/session.js';
export type { StudySpec } from './study/spec.js';
export { meantStudy, readMeantStudy, specOf, studyFolder } from './study/studies.js';
export { scalingGain } from './start/finalists.js';
export { sharesOf, type Phase } from './start/time-plan.js';
export type { FinalNetwork } from './start/choose-final.js';
export {
  isFinished,
  isWholeRun,
  runClock,
  wholeRun,
  type RunClock,
  type WholeRun,
} from './start/whole-run.js';
export { viewOfStudy, viewOfTrial } from './report/view.js';
export { ONNXRUNTIME_ENVIRONMENT } from '../backends/index.js';
