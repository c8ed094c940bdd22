/** Look-up tables: segments of networks timed once, added up and corrected by a few whole networks. */
export { predictionErrorOf, type PredictionError, type Pair } from './prediction-error.js';
export { buildTable, type Built } from './build/build.js';
export { repeatedPairs } from './build/sessions.js';
export { measureNetworks, sampledTexts, type BuildProgress } from './build/measure.js';
export { readTable, readText, tableFiles, tablePath, tableText, writeTable } from './file.js';
export { coverageOf, type Coverage } from './coverage.js';
export { importTable, type Imported, type PassedOver } from './foreign.js';
export { tableModel, type LatencyModel, type LookedUp, type TableModel } from './model.js';
export { tablePlatform, type TablePlatformOptions } from './platform.js';
export { badTable, checkTable, TABLE_FORMAT, type LatencyTable, type MeasuredNetwork } from './table.js';
