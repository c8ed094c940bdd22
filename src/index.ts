/**
 * The library's public surface: everything the commands do, callable from TypeScript. Native parts load only when
 * something trains, times or opens a study.
 */

// Errors, units, random streams.
export {
  createRng,
  isNasError,
  type Json,
  ms,
  NasError,
  parseLatency,
  ratio,
  type Ms,
  type Ratio,
  type Rng,
} from './core/index.js';

// Architectures and search spaces.
export {
  architectureFromJson,
  describeArchitecture,
  describeSpace,
  formatArchitecture,
  layersOf,
  maddsOf,
  paramsOf,
  parseArchitecture,
  presetArchitecture,
  presetNames,
  searchSpace,
  spaceFromFile,
  spaceFromYaml,
  spaceNames,
  toJson,
  type Architecture,
  type Block,
  type Choice,
  type Genome,
  type Layer,
  type SearchSpace,
  type Task,
} from './space/index.js';

// Networks and their weights.
export {
  buildNetwork,
  decodeWeights,
  encodeWeights,
  initialWeights,
  shrink,
  type Network,
  type Weights,
} from './network/index.js';

// Detectors around a backbone.
export {
  backboneOf,
  DEFAULT_SIZES,
  describeDetector,
  hgnetL,
  type Backbone,
  type DetectorDescription,
  type DetectorSizes,
} from './detector/index.js';

// Data, training and latency, one by one.
export {
  dataNames,
  getData,
  loadData,
  loadTest,
  prepareData,
  type DataSet,
  type DataSpec,
  type PreparedData,
} from './data/index.js';
export {
  createReferenceBackend,
  createTensorflowBackend,
  setupTensorflow,
  type Backend,
  type Examples,
} from './backends/index.js';
export { evaluateWeights, paperRecipe, quickRecipe, trainCandidate, type Recipe } from './train/index.js';
export {
  compareLatencies,
  defaultProtocol,
  fingerprintDigest,
  fitPredictor,
  formatPlatform,
  multiPlatform,
  openDevice,
  openPlatform,
  parsePlatform,
  platformOn,
  tensorflowDevice,
  undisturbed,
  type Device,
  type Fingerprint,
  type Platform,
  type PlatformSpec,
  type Prediction,
  type Predictor,
  type Protocol,
  type Runnable,
  type Surroundings,
  readTable,
  tableModel,
} from './latency/index.js';

// Studies and trials.
export {
  bestUnder,
  createMemoryStore,
  createStudy,
  frontier,
  listStudies,
  openStudy,
  readStudy,
  trialRow,
  type Evaluator,
  type Job,
  type LatencyMeter,
  type LatencyRecord,
  type Outcome,
  type Study,
  type Trial,
  type TrialReader,
  type TrialRow,
  type TrialStore,
} from './trials/index.js';

// Search and NetAdapt on any evaluator.
export {
  createReward,
  createStrategy,
  runSearch,
  type Finished,
  type Pending,
  type Proposal,
  type Reward,
  type SearchOptions,
  type SearchResult,
  type Strategy,
} from './search/index.js';
export { refine, type NetAdaptSettings, type RefineOptions, type RefineResult } from './netadapt/index.js';

// Files that others open.
export {
  exporterFor,
  exporters,
  readArchitectureJson,
  type Artifact,
  type Exporter,
  type TrainedNetwork,
} from './export/index.js';

// The whole recipe, joined.
export {
  beginStudy,
  doctor,
  exportTrial,
  places,
  prepareStudy,
  refinePhase,
  resumeSession,
  retrainPhase,
  runClock,
  searchPhase,
  wholeRun,
  type AppEvent,
  type NewStudyOptions,
  type Places,
  type Session,
  type StudySpec,
} from './app/index.js';
