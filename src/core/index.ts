/**
 * What every room may use and nothing here knows a room: units, random streams, statistics, hashing,
 * errors, the clock. Imports nothing of the project.
 */
export { assertNever } from './assert.js';
export { inSlots } from './in-slots.js';
export { isAborted } from './is-aborted.js';
export { tokenChecker } from './bearer-token.js';
export { now, stopwatch } from './clock.js';
export { createRunTimer } from './run-timer.js';
export { limitConnections, type ConnectionLimits } from './connections.js';
export { orphanedDrafts, draftOf, removeDrafts } from './files/draft.js';
export { flushFolderSync, moveInto, moveIntoSync, writeWhole } from './files/durable.js';
export { entryFile } from './files/entry-file.js';
export { NasError, isNasError, messageOf, type Fault, type NasErrorParts } from './errors.js';
export { diskError, diskFull, faultOf, fileTooLarge, noteIfWritable } from './faults.js';
export { digest } from './hash.js';
export { expandHome } from './files/home.js';
export { canonical, deepFreeze, type Json, type JsonObject } from './json.js';
export { nonNegativeLeastSquares } from './numbers/least-squares.js';
export { nearest, unknownName } from './names.js';
export {
  databaseAddon,
  presentAddon,
  nativePackage,
  NativePackageMissing,
  nativePackages,
  packageRoot,
  requireNative,
  setupFolder,
} from './natives/packages.js';
export { NATIVE_PACKAGES, type NativePackage } from './natives/pins.js';
export { cleanFolders, ownFolder, removeFolder } from './files/own-folder.js';
export { readPlainFile, readPlainFileSync, requirePlainFile } from './files/plain-file.js';
export { createPause, withoutPauses, withPauses, type Pause } from './pause.js';
export { isRunning, processMark, runs } from './process-mark.js';
export { createRetry, withoutRetry, type Retry, type RetryEvent, type RetryOptions } from './retry.js';
export { createRng, type Rng } from './numbers/rng.js';
export {
  compareIntervals,
  mad,
  mean,
  median,
  quantile,
  standardDeviation,
  type Interval,
  type IntervalOrder,
} from './numbers/statistics.js';
export { formatBytes, formatCount, formatDuration, formatMs, formatPercent } from './numbers/format.js';
export { type Ms, ms, type Ratio, ratio, parseDurationSeconds, parseLatency } from './numbers/units.js';
export { parseUserJson, parseUserYaml } from './files/user-data.js';
export { parseCsv, type CsvRow } from './files/csv.js';
export { decodeText, readUserText, type Reading } from './files/user-text.js';
