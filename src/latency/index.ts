/** Platforms that time a network, the timing protocol and what is known of a measurement: spread, runs, device. */
export { defaultProtocol, withEffort, type Protocol } from './protocol/protocol.js';
export { latencyRecord, type Circumstances, type Measured } from './protocol/record.js';
export {
  timeInterleaved,
  type ReferenceSession,
  type Session,
  type SessionOptions,
  type Timed,
} from './protocol/session.js';
export { compareLatencies, type Comparable, type Comparison } from './protocol/compare.js';
export { hostStateOf, machineState, type MachineState } from './protocol/host-state.js';
export { deviceFolder } from './protocol/baseline.js';
export { REFERENCE_NAME, referenceNetwork } from './protocol/reference.js';
export { fingerprintDigest, fingerprintOf, type Fingerprint } from './platform/fingerprint.js';
export { fingerprintSchema } from './platform/fingerprint-schema.js';
export { FIRST_USE_SECONDS } from './devices/limits.js';
export { formatPlatform, parsePlatform } from './platform/parse.js';
export { platformNames, type PlatformSpec } from './platform/spec.js';
export { undisturbed, type Platform, type Runnable, type Surroundings } from './platform/platform.js';
export { platformOn, type PlatformOnOptions } from './platform/device-platform.js';
export { openDevice, openPlatform, type DeviceParts } from './platform/open.js';
export { needsTrust } from './platform/trust.js';
export { joinWords } from './platform/words.js';
export { rememberCores } from './protocol/cpu-affinity.js';
export { tensorflowDevice, type TensorflowDeviceOptions } from './devices/tensorflow.js';
export { onnxruntimeDevice, type OnnxruntimeDeviceOptions } from './devices/onnxruntime.js';
export type { Device, OnnxWriter, Program } from './devices/device.js';
export { AGENT_PORT, checkToken, makeToken, startAgent, type Agent } from './devices/agent/index.js';
export { multiPlatform, type FurtherPlatform } from './platform/multi-platform.js';
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
  predictionErrorOf,
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
  type PredictionError,
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
