import type { Retry } from '../core/index.js';
import type { Weights } from '../network/index.js';
import type { Evaluator, LatencyMeter, Progress, Trial, TrialStore } from '../trials/index.js';
import type { NetAdaptSettings } from './settings.js';
import type { AcceptedStep, Candidate } from './state-schema.js';
import type { TrainedTrial } from './try-candidates.js';

/** Why a refinement ended. */
export type EndReason =
  | 'target met'
  | 'no significant drop'
  | 'all proposals failed'
  | 'out of time'
  | 'step limit'
  | 'interrupted';

/** What happens during a refinement, in order; for progress lines and for tidying up. */
export type RefineEvent =
  | {
      readonly type: 'start';
      readonly trial: number;
      readonly seedMs: number;
      readonly targetMs: number;
      readonly deltaMs: number;
      /** Steps accepted before an interruption. */
      readonly resumed: number;
    }
  /** Networks are being timed to find the step's candidates; nothing trains until `candidates` or `end`. */
  | { readonly type: 'measuring'; readonly step: number; readonly networks: number }
  | {
      readonly type: 'candidates';
      readonly step: number;
      readonly candidates: readonly Candidate[];
    }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'proposal'; readonly step: number; readonly trial: Trial; readonly candidate: Candidate }
  /** The unshrunk network that the step's proposals are compared with was trained. */
  | { readonly type: 'control'; readonly step: number; readonly trial: Trial }
  | { readonly type: 'accepted'; readonly step: AcceptedStep; readonly trial: Trial }
  /** Files in the checkpoints folder that nothing needs any more. */
  | { readonly type: 'discarded'; readonly checkpoints: readonly string[] }
  | { readonly type: 'end'; readonly reason: EndReason; readonly message: string };

export interface RefineOptions {
  /** A trained trial with its weights. */
  readonly trial: Trial;
  readonly targetMs: number;
  readonly store: TrialStore;
  readonly evaluator: Evaluator;
  readonly meter: LatencyMeter;
  readonly settings: NetAdaptSettings;
  /**
   * Reads the weights of a trial, by which it is decided what is tried first where `maxProposals` does not allow all;
   * undefined where they cannot be read.
   */
  readonly weightsOf?: (trial: TrainedTrial) => Promise<Weights | undefined>;
  /** Epsilon of normalisation. @default 1e-3 */
  readonly epsilon?: number;
  /** Path below which proposals have their random streams, e.g. `7/netadapt/12`. */
  readonly seed: string;
  readonly signal: AbortSignal;
  /** Seconds since the refinement's budget began to run. */
  readonly elapsedSeconds: () => number;
  readonly onEvent?: (event: RefineEvent) => void;
  /** Waits until the store can be written again; default: what cannot be written ends the refinement. */
  readonly retry?: Retry;
  /** Name of a trial's file in the checkpoints folder. @default `trial-<id>.weights` */
  readonly checkpointName?: (trial: number) => string;
}

export interface RefineResult {
  readonly reason: EndReason;
  /** The reason in a sentence, with what to do about it. */
  readonly message: string;
  /** The lineage: one network per accepted step, each with its parent. */
  readonly steps: readonly AcceptedStep[];
  /** The last of the lineage; the trial it started from when no step was accepted. */
  readonly final: Trial;
  /** Latency of the seed as its trial has it, and of the final network on the same scale; each on its binding platform. */
  readonly seedMs: number;
  readonly latencyMs: number;
}
