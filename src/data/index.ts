/** Data sets in their publishers' own files, seeded stratified splits, augmentation. The test set is read on demand only. */
export { augmentation, type Augmentation } from './augment.js';
export type { DataSet, Split } from './dataset.js';
export { sharedExamples, takeRows } from './dataset.js';
export { checkDataSpec, dataNames, parseDataName, type DataName, type DataSpec } from './spec.js';
export { loadData, loadTest } from './load.js';
export { getData } from './get.js';
export type { GetOptions, GetProgress, GetResult } from './get-options.js';
export { dataStatus, type DataStatus } from './status.js';
