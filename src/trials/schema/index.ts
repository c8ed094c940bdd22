/**
 * Every shape of a trial that crosses a process or lies on a disk, declared once: its schema, and the type it gives.
 * What writes and what reads such a shape takes both from here.
 */
export { readStored } from './read-stored.js';
export { architectureTextSchema } from './units.js';
export {
  latencyBandSchema,
  latencyRecordSchema,
  type AlsoRecord,
  type HostState,
  type Predicted,
  type LatencyBand,
  type LatencyRecord,
  type LatencySource,
  type ReferenceReading,
} from './latency.js';
export {
  curvePointSchema,
  heldOutLoss,
  outcomeSchema,
  type CurvePoint,
  type Done,
  type Failed,
  type Infeasible,
  type Outcome,
  type Stopped,
} from './outcome.js';
export {
  jobSchema,
  progressSchema,
  timingEffortSchema,
  FILTER_CRITERIA,
  trainingPlanSchema,
  type Job,
  type Progress,
  type Start,
  type TimingEffort,
  type TrainingPlan,
} from './job.js';
