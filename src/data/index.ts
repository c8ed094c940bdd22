/**
 * Data sets in their publishers' own files, seeded stratified splits, augmentation. The test set
 * is read on demand only. What a data set consists of is checked as a whole before a study begins.
 */
export { augmentation, type Augmentation } from './augment.js';
export type { DataSet, Split } from './dataset.js';
export { sharedExamples, takeRows } from './dataset.js';
export { checkDataSpec, dataNames, parseDataName, type DataName, type DataSpec } from './spec.js';
export { loadData, loadTest } from './load.js';
export { brokenWarning, prepareData, type ClassCounts, type PreparedData } from './prepare.js';
export { changesBetween, dataFiles, type DataFileFacts, type DataFiles } from './data-files.js';
export { getData } from './sets/get.js';
export type { GetOptions, GetProgress, GetResult } from './sets/get-options.js';
export { dataStatus, type DataStatus } from './sets/status.js';
