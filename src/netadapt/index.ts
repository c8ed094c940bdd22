/**
 * NetAdapt, the MobileNetV3 variant: proposals, choice of widths by measured latency, the shrinking loop. Knows the
 * space and trials; evaluator and meter are handed in.
 */
export { refine } from './refine.js';
export type { EndReason, RefineEvent, RefineOptions, RefineResult } from './refine-options.js';
export {
  DEFAULT_FILTER_CRITERION,
  DEFAULT_SETTINGS,
  DEFAULT_STEP_CRITERION,
  type NetAdaptSettings,
} from './settings.js';
export { dimensionsOf, narrowerWidths, PAPER_KINDS, withWidth } from './dimensions.js';
export { narrowedTo, narrowest } from './narrowest.js';
export { findCandidates, savedMs } from './candidates.js';
export { meritOf, selectStep, STEP_CRITERIA, type StepCriterion, type Tried } from './select.js';
export { DIMENSION_KINDS } from './state-schema.js';
export type { AcceptedStep, Candidate, Dimension, DimensionKind } from './state-schema.js';
export { surgeryOf } from './try-candidates.js';
export { weightsToBegin, checkpointsInUse } from './checkpoints-in-use.js';
