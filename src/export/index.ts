/** Trained networks as files that others open, one file per format. Pure: bytes out, the caller writes them. */
export type {
  Artifact,
  DescribedNetwork,
  ExportedDevice,
  ExportedLatency,
  Exporter,
  TrainedNetwork,
} from './exporter.js';
export { architectureJson, readArchitectureJson } from './architecture-json.js';
export { exporterFor, exporters } from './exporters.js';
export { runTfjs, type RunOptions } from './tfjs/run.js';
export {
  classesOf,
  relativeError,
  verifyExport,
  worstOf,
  type Expectation,
  type Verification,
  type Worst,
} from './verify.js';
export {
  ONNX_INPUT,
  observedModel,
  onnxModel,
  timedModels,
  type OnnxOptions,
  type PixelKind,
  type Pixels,
} from './onnx/model.js';
export type { Int8Options, Range } from './onnx/int8.js';
export {
  ONNX_FILE,
  networkToExport,
  onnxExporter,
  type Int8Facts,
  type OnnxExportOptions,
} from './onnx/exporter.js';
export { LOGITS, outputsOf, PROBABILITIES, type OnnxOutput } from './onnx/outputs.js';
export {
  backboneSource,
  type BackboneMap,
  type BackboneOptions,
  type BackboneSource,
} from './pytorch/source.js';
export { detectorModel, ownBackboneModel } from './rt-detr/onnx/model.js';
export { randomParameters } from './rt-detr/onnx/parameters.js';
export { SAVED_MODEL_FILE } from './savedmodel/exporter.js';
export { stateDict } from './pytorch/state-dict.js';
