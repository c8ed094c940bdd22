import type { LatencySource, TrialKind, TrialRow, TrialState } from '../../trials/index.js';

/**
 * All that a page shows of one study, as plain JSON: `nas report` embeds it, the dashboard sends it. Every text in it
 * comes from users and files and is shown as text, never as markup.
 */
export interface StudyView {
  readonly head: StudyHead;
  /** When the store was read, in ms since 1970. */
  readonly asOf: number;
  readonly counts: Readonly<Record<TrialState, number>>;
  readonly points: Points;
  /** Trials that no other beats in accuracy and latency, by latency. */
  readonly frontier: readonly number[];
  /** Pairs of them that are indistinguishable in latency (their 95 % intervals touch), the faster first. */
  readonly indistinguishable: readonly (readonly [number, number])[];
  /** The retrained network, evaluated on the test set; null where none was retrained to the end. */
  readonly result: { readonly trial: number; readonly meets: boolean } | null;
  /** What the chosen network gains over scaling; null where the two were not compared. */
  readonly scaling: ScalingGain | null;
  /** The most accurate trial of the search that keeps within all targets; null where none does. */
  readonly best: number | null;
  readonly hypervolume: HypervolumeView | null;
  /** The best accuracy within the targets after each finished trial that raised it: [trials finished, accuracy, trial]. */
  readonly bestSoFar: readonly (readonly [number, number, number])[];
  readonly choiceImportance: readonly ChoiceImportance[];
  readonly controller: ControllerView | null;
  /** Latencies predicted before they were measured. */
  readonly predictionError: PredictionErrorView | null;
  readonly lineages: readonly LineageView[];
  readonly pool: PoolView | null;
}

export interface StudyHead {
  readonly name: string;
  readonly space: string;
  readonly data: string;
  readonly strategy: string;
  readonly seed: string;
  readonly createdAt: number;
  readonly targets: readonly { readonly platform: string; readonly targetMs: number }[];
  /** Name and value, in the order in which they are shown. */
  readonly settings: readonly (readonly [string, string])[];
  readonly environment: readonly (readonly [string, string])[];
}

/** One entry per trial in each list, by ascending id: short enough for 100,000 of them. */
export interface Points {
  readonly trial: readonly number[];
  readonly state: readonly TrialState[];
  readonly kind: readonly TrialKind[];
  readonly parent: readonly (number | null)[];
  readonly accuracy: readonly (number | null)[];
  readonly latencyMs: readonly (number | null)[];
  readonly latencyLowMs: readonly (number | null)[];
  readonly latencyHighMs: readonly (number | null)[];
  readonly source: readonly (LatencySource | null)[];
  readonly reward: readonly (number | null)[];
  readonly params: readonly number[];
  readonly madds: readonly number[];
  readonly seconds: readonly (number | null)[];
  readonly finishedAt: readonly (number | null)[];
}

/** What the best finalist gains over the best scaled preset at the target, after equal training. */
export interface ScalingGain {
  /** `mobilenet_v3_small@0.35` */
  readonly scaled: string;
  /** Of the best finalist and of the best scaled preset, on the held-out pictures; equal where they are the same network. */
  readonly accuracy: number;
  readonly scaledAccuracy: number;
  readonly isScaled: boolean;
}

/**
 * Area between the frontier and a reference point, as a share of the box from the reference point to accuracy 1 at 0 ms
 * (Zitzler & Thiele 1998).
 */
export interface HypervolumeView {
  readonly share: number;
  readonly referenceMs: number;
  readonly referenceAccuracy: number;
}

/** What one choice of the space does to accuracy and latency on average, over the trials that were trained. */
export interface ChoiceImportance {
  readonly choice: string;
  /** Share of the variance of accuracy that the option taken here explains, in [0, 1]; see docs/commands.md. */
  readonly importance: number;
  /**
   * `within chance`: the importance is at most two standard deviations of what options that mean nothing would have;
   * `never varied`: all trials took the same option.
   */
  readonly standing: 'measurable' | 'within chance' | 'never varied';
  readonly options: readonly {
    readonly option: string;
    readonly trials: number;
    readonly accuracy: number | null;
    /** Half the width of the 95 % interval of that mean; null for fewer than two trials. */
    readonly accuracyHalf: number | null;
    readonly latencyMs: number | null;
  }[];
}

/** Probability of each option over time, as the controller samples. */
export interface ControllerView {
  readonly choices: readonly { readonly choice: string; readonly options: readonly string[] }[];
  /** Trials reported at each moment; ascending. */
  readonly reported: readonly number[];
  /** `probabilities[moment][choice][option]`. */
  readonly probabilities: readonly (readonly (readonly number[])[])[];
  /** Mean over the choices of the entropy of their options, as a share of the largest possible; at each moment. */
  readonly entropy: readonly number[];
  /** Trials reported when the entropy fell to near zero for good; null where it did not. */
  readonly collapsedAt: number | null;
  /** What it had learned from until it collapsed, else until now. */
  readonly learned: LearnedFrom;
}

/** Trials that a controller learned from, by what was known of them. */
export interface LearnedFrom {
  /** Trained and evaluated. */
  readonly trained: number;
  /** Too slow: timed, never trained. */
  readonly timed: number;
  /** Too slow by a prediction or a table: neither timed nor trained. */
  readonly predicted: number;
}

export interface PredictionErrorView {
  /** The latest 2,000; the figures are of the latest 20,000. */
  readonly points: readonly {
    readonly trial: number;
    readonly predictedMs: number;
    readonly measuredMs: number;
  }[];
  /** τ-b; 0 where one side is constant. */
  readonly kendall: number;
  /** Mean absolute percentage error, as a share. */
  readonly error: number;
  /** Mean of predicted / measured − 1: above 0 where too much is predicted. */
  readonly bias: number;
}

/** A network and what NetAdapt and retraining made of it, step by step. */
export interface LineageView {
  readonly ancestor: number;
  readonly members: readonly {
    readonly trial: number;
    readonly parent: number | null;
    readonly kind: TrialKind;
    readonly accuracy: number | null;
    readonly latencyMs: number | null;
    /** Its 95 % interval. */
    readonly latencyLowMs: number | null;
    readonly latencyHighMs: number | null;
    readonly params: number;
    /** Of the refinement that made it, from 1; null of what NetAdapt did not make. */
    readonly step: number | null;
    /** What was changed, in words. */
    readonly change: string;
  }[];
}

/** What the workers did at the last report; null of a study that no process works on. */
export interface PoolView {
  readonly at: number;
  readonly pid: number;
  /** False where the process that said so has ended without taking its word back: killed, say. */
  readonly alive: boolean;
  readonly phase: string;
  readonly workers: readonly {
    readonly trial: number;
    readonly doing: 'waiting' | 'training' | 'evaluating' | 'timing';
    /** Share done, in [0, 1]; null where unknown. */
    readonly done: number | null;
    readonly secondsLeft: number | null;
  }[];
  /** The trial that holds the timing lock for its measurement, or in words what does; null while all train. */
  readonly timingLock: number | string | null;
  readonly trialsLeft: number | null;
  readonly secondsLeft: number | null;
}

/** One trial's page. */
export interface TrialView {
  readonly row: TrialRow;
  readonly blocks: readonly BlockView[];
  readonly curve: readonly {
    readonly epoch: number;
    readonly step: number;
    readonly loss: number | null;
    readonly trainAccuracy: number | null;
    readonly accuracy: number | null;
  }[];
  readonly latencies: readonly LatencyView[];
  /** From the trial's parent to its oldest ancestor. */
  readonly ancestors: readonly TrialRow[];
  readonly children: readonly TrialRow[];
  /** Each choice of the space and the option taken; empty where the architecture was not sampled. */
  readonly genome: readonly (readonly [string, string])[];
  readonly note: readonly (readonly [string, string])[];
  readonly environment: readonly (readonly [string, string])[];
}

/** A block of the diagram. Shapes are height × width × channels. */
export interface BlockView {
  readonly name: string;
  readonly kind: string;
  readonly details: readonly string[];
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly params: number;
  readonly madds: number;
}

export interface LatencyView {
  readonly platform: string;
  readonly source: LatencySource;
  readonly targetMs: number | null;
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly madMs: number;
  readonly p90Ms: number;
  readonly fingerprint: string;
  /** On the scale of the figures above, in order of time. */
  readonly samplesMs: readonly number[];
  readonly notes: readonly string[];
}
