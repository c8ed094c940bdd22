/** Rows and pictures for the terminal and for files: pure functions from data to text. No input or output. */
export { table, type Cell, type Column } from './terminal/tables/table.js';
export { csv, jsonRows, pick, type FlatRow } from './terminal/tables/csv.js';
export { neutral, neutralJson } from './terminal/text.js';
export { terminalText, type Style, type Tone } from './terminal/style.js';
export { pointsOf, type FrontierPoint } from './view/points.js';
export { frontierPicture, type PictureOptions } from './terminal/pictures/frontier.js';
export {
  compareAccuracies,
  evaluated,
  type AccuracyVerdict,
  type EvaluatedAccuracy,
} from './view/accuracy.js';
export { blockPairs, type BlockDifference, type BlockPair } from './view/block-diff.js';
export {
  trialComparison,
  type ComparedAccuracy,
  type ComparedLatency,
  type LatencyVerdict,
  type TrialComparison,
} from './terminal/trial-comparison.js';
export { studyComparison, type StudyComparison, type StudySide } from './terminal/study-comparison.js';
export {
  replayReport,
  type Replayed,
  type ReplayedAccuracy,
  type ReplayedLatency,
} from './terminal/replay.js';
export { architecturePicture, layerTable } from './terminal/pictures/architecture.js';
export { detectorTable } from './terminal/tables/detector.js';
export { frontierSummary, type FrontierSummary } from './terminal/frontier-summary.js';
export { kendall } from './view/kendall.js';
export { proxyCheckTable, type ProxyCheckView } from './terminal/tables/proxy-check.js';
export { strategyBenchTable, type StrategyBenchView } from './terminal/tables/strategy-bench.js';
export { spaceTable } from './terminal/tables/space.js';
export { columnTable, FLAT_NAMES, flatTrial, trialTable, type TrialMarks } from './terminal/tables/trials.js';
export { trialDetails, type TrialOrigin } from './terminal/trial-details.js';
export { studySummary } from './terminal/study-summary.js';
export { targetText } from './terminal/target.js';
export { hypervolume, referencePoint, type ReferencePoint } from './view/hypervolume.js';
export {
  predictionErrorTable,
  latencyTableDetails,
  latencyTableList,
  type LatencyTableRow,
} from './terminal/tables/latency-table.js';
export { lookUpTable, type LookUpView } from './terminal/tables/latency-look-up.js';
export { predictionPicture, type PredictionPoint } from './terminal/pictures/prediction.js';
export {
  finishedHeader,
  finishedLine,
  progressBar,
  progressLine,
  type Best,
  type ProgressState,
} from './terminal/progress.js';
export { studyView, type StudyFacts } from './view/study-view.js';
export { familyOf } from './view/lineage.js';
export { familyTable } from './terminal/tables/family.js';
export { trialView, type TrialFacts } from './view/trial-view.js';
export { indistinguishableOnFrontier, type Indistinguishable } from './view/indistinguishable.js';
export { finalResult, type FinalResult } from './view/result.js';
export { scalingText } from './view/scaling.js';
export { interestingTrials } from './view/interesting.js';
export { reportHtml, type ReportData } from './html/html.js';
export { nameValues } from './view/name-values.js';
export type * from './view/view.js';
export { readPageBundle, type PageBundle } from './html/page-bundle.js';
export type {
  Change,
  Problem,
  ReadableStudy,
  StudyCard,
  StudyPart,
  UnreadableStudy,
} from './view/page-api.js';
