/** Platforms that time a network, the timing protocol and what is known of a measurement: spread, runs, device. */
export { defaultProtocol, type Protocol } from './protocol.js';
export { latencyRecord, type Circumstances, type Measured } from './measured.js';
export {
  timeInterleaved,
  type ReferenceSession,
  type Session,
  type SessionOptions,
  type Timed,
} from './interleave.js';
export { compareLatencies, type Comparable, type Comparison } from './compare.js';
export { conditionsOf, machineState, type MachineState } from './conditions.js';
export { deviceFolder } from './first-reading.js';
export { REFERENCE_NAME, referenceNetwork } from './reference.js';
export { fingerprintDigest, fingerprintOf, type Fingerprint } from './fingerprint.js';
export { fingerprintSchema } from './fingerprint-schema.js';
export { FIRST_USE_SECONDS } from './limits.js';
export { formatPlatform, parsePlatform } from './parse-platform.js';
export { platformNames, type PlatformSpec } from './platform-spec.js';
export { undisturbed, type Platform, type Runnable, type Surroundings } from './platform.js';
export { platformOn, type PlatformOnOptions } from './platform-on.js';
export { openDevice, openPlatform, type DeviceParts } from './open-platform.js';
export { needsTrust } from './trust.js';
export { joinWords } from './words.js';
export { rememberCores } from './one-core.js';
export { tensorflowDevice, type TensorflowDeviceOptions } from './tensorflow.js';
export { onnxruntimeDevice, type OnnxruntimeDeviceOptions } from './onnxruntime.js';
export type { Device, OnnxWriter, Program } from './device.js';
export { AGENT_PORT, checkToken, makeToken, startAgent, type Agent } from './agent/index.js';
export { joinPlatforms, type FurtherPlatform } from './join.js';
export {
  fitAside,
  fitPredictor,
  LEAST_OBSERVATIONS,
  type Observation,
  type Prediction,
  type Predictor,
  type PredictorOptions,
  type TimedNetwork,
} from './predictor/index.js';
export {
  agreementOf,
  badTable,
  buildTable,
  checkTable,
  coverageOf,
  importTable,
  measureNetworks,
  repeatedPairs,
  readTable,
  readText,
  sampledTexts,
  tableFiles,
  tableModel,
  tablePath,
  tablePlatform,
  tableText,
  TABLE_FORMAT,
  writeTable,
  type Agreement,
  type BuildProgress,
  type Built,
  type Coverage,
  type Imported,
  type LatencyModel,
  type LatencyTable,
  type LookedUp,
  type MeasuredNetwork,
  type Pair,
  type PassedOver,
  type TableModel,
} from './table/index.js';
