/** Who executes networks: tensorflow/ (compiled steps through tfjs-node-gpu's binding) and reference/ (tfjs on the CPU, for tests). */
export type * from './backend.js';
export type * from './step-recipe.js';
export { slotsOf, type ProgramState, type Slot } from './program-state.js';
export { createReferenceBackend } from './reference/backend.js';
export { createTensorflowBackend, type TensorflowOptions } from './tensorflow/backend.js';
export {
  runGraphModel,
  runSavedModel,
  savedModelOf,
  type GraphModel,
  type GraphModelOptions,
} from './tensorflow/graph-model.js';
export {
  settingOf,
  tensorflowEnvironment,
  threadsFor,
  type EnvironmentOptions,
  type Flavour,
} from './tensorflow/environment.js';
export { prewarm } from './tensorflow/prewarm.js';
export { cleanTemporary } from './tensorflow/temporary.js';
export {
  cardProblem,
  fetchHeaders,
  findMissing,
  inspectCards,
  missingError,
  nodeGyp,
  readInstallation,
  setupTensorflow,
  type CardReport,
  type Installation,
  type Machine,
  type Missing,
  type SetupOptions,
  type SetupProgress,
  type SetupResult,
} from './tensorflow/setup/index.js';
export { ONNXRUNTIME_ENVIRONMENT, onnxruntimeVersion } from './onnxruntime/binding.js';
export {
  openOnnx,
  type OnnxArray,
  type OnnxEnd,
  type OnnxSession,
  type OnnxSessionOptions,
} from './onnxruntime/session.js';
