import type { FilterCriterion } from '../network/index.js';
import type { TrainingPlan } from '../trials/index.js';
import { PAPER_KINDS } from './dimensions.js';
import type { DimensionKind } from './state-schema.js';
import type { StepCriterion } from './select.js';

/** How NetAdapt shrinks. Defaults are for small budgets on a noisy CPU; the papers' figures stand next to them. */
export interface NetAdaptSettings {
  /** δ as a share of the seed's latency, 0 … 1. MobileNetV3 §4.2 takes 0.01. */
  readonly deltaShare: number;
  /** δ of step i is δ·decay^i (NetAdapt's released code: 0.96 on 0.025); 1 keeps it. */
  readonly decay: number;
  /** Widths are multiples of this, at least one of it. */
  readonly granularity: number;
  /** What may shrink; see `dimensionsOf`. */
  readonly kinds: readonly DimensionKind[];
  /** Most proposals trained in a step; null for all. Those that are expected to lose least per ms saved come first. */
  readonly maxProposals: number | null;
  /** Interleaved measurements in which a proposal's width is sought, at least 1. */
  readonly rounds: number;
  /** Accepted steps at most. */
  readonly maxSteps: number;
  /** Which filters of a proposal stay. */
  readonly filterCriterion: FilterCriterion;
  /** Which of a step's proposals is accepted. */
  readonly stepCriterion: StepCriterion;
  /** Fine-tune of a proposal and of the step's control; the paper's T = 10000 steps is `maxSteps`. */
  readonly plan: TrainingPlan;
  /** Further training of an accepted step before the next one; null for none. */
  readonly longPlan: TrainingPlan | null;
  /** No step begins that would not end within; null for no limit. */
  readonly budgetSeconds: number | null;
}

/** Over proposals that differ by a few held-out pictures, the loss ranks them more repeatably than accuracy. */
export const DEFAULT_STEP_CRITERION: StepCriterion = 'loss';

/** What the next layer sees of a filter. */
export const DEFAULT_FILTER_CRITERION: FilterCriterion = 'l2';

export const DEFAULT_SETTINGS: NetAdaptSettings = Object.freeze({
  deltaShare: 0.04,
  decay: 1,
  granularity: 8,
  kinds: PAPER_KINDS,
  maxProposals: null,
  rounds: 3,
  maxSteps: 100,
  filterCriterion: DEFAULT_FILTER_CRITERION,
  stepCriterion: DEFAULT_STEP_CRITERION,
  plan: Object.freeze({
    epochs: 1,
    maxSteps: 100,
    learningRate: 0.01,
    schedule: 'constant',
    warmupEpochs: 0,
  }),
  longPlan: null,
  budgetSeconds: null,
} as const);
