/** Rows and pictures for the terminal and for files: pure functions from data to text. No input or output. */
export { table, type Cell, type Column } from './table.js';
export { csv, jsonRows, pick, type FlatRow } from './csv.js';
export { neutral, neutralJson } from './text.js';
export { terminalText, type Style, type Tone } from './style.js';
export { pointsOf, type FrontierPoint } from './points.js';
export { frontierPicture, type PictureOptions } from './frontier-picture.js';
export { compareAccuracies, judged, type AccuracyVerdict, type Judged } from './accuracy.js';
export { blockPairs, type BlockDifference, type BlockPair } from './block-diff.js';
export {
  trialComparison,
  type ComparedAccuracy,
  type ComparedLatency,
  type LatencyVerdict,
  type TrialComparison,
} from './comparison.js';
export { studyComparison, type StudyComparison, type StudySide } from './study-comparison.js';
export { replayReport, type Replayed, type ReplayedAccuracy, type ReplayedLatency } from './replay-report.js';
export { architecturePicture, layerTable } from './architecture-picture.js';
export { frontierSummary, type FrontierSummary } from './frontier-summary.js';
export { spaceTable } from './space-table.js';
export { columnTable, FLAT_NAMES, flatTrial, trialTable, type TrialMarks } from './trial-table.js';
export { trialDetails, type TrialOrigin } from './trial-details.js';
export { studySummary } from './study-summary.js';
export { targetText } from './target-text.js';
export { hypervolume, referencePoint, type ReferencePoint } from './view/hypervolume.js';
export {
  agreementTable,
  latencyTableDetails,
  latencyTableList,
  type LatencyTableRow,
} from './latency-table.js';
export { lookUpTable, type LookUpView } from './latency-look-up.js';
export { predictionPicture, type PredictionPoint } from './latency-picture.js';
export {
  finishedHeader,
  finishedLine,
  progressBar,
  progressLine,
  type Best,
  type ProgressState,
} from './progress.js';
export { studyView, type StudyFacts } from './view/study-view.js';
export { trialView, type TrialFacts } from './view/trial-view.js';
export { alikeOnFrontier, type Alike } from './view/alike.js';
export { finalResult, type FinalResult } from './view/result.js';
export { interestingTrials } from './view/interesting.js';
export { reportHtml, type ReportData } from './html.js';
export { nameValues } from './view/name-values.js';
export type * from './view/view.js';
export { readPageBundle, type PageBundle } from './page-bundle.js';
export type { Change, Problem, ReadableStudy, StudyCard, StudyPart, UnreadableStudy } from './page-api.js';
