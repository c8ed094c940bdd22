import type { Backend, Examples } from '../backends/index.js';
import { ratio, stopwatch, type Rng } from '../core/index.js';
import { loadTest, takeRows, type DataSet } from '../data/index.js';
import type { Network, Weights } from '../network/index.js';
import type { CurvePoint, Job, Progress, TrainingPlan } from '../trials/index.js';
import { epochBatches } from './batches.js';
import { evaluateProgram, type Evaluation } from './evaluate-program.js';
import { noTimingLock, within, type TimingLock } from './timing-lock.js';
import { pacer, TAKEN_AT } from './pace.js';
import { pauser } from './pause.js';
import { stepRecipe, type Recipe } from './recipe.js';
import type { TrainResult } from './result.js';
import type { SavedTraining } from './saved-training.js';
import { stateKeeper } from './state-keeper.js';
import { learningRate, stepsPerEpoch, totalSteps } from './schedule.js';

export type TrainProgress = Omit<Progress, 'trial'>;

export interface TrainOptions {
  readonly backend: Backend;
  readonly network: Network;
  /** Start weights; not changed. Random ones are best drawn from the fork `init` of the same stream. */
  readonly weights: Weights;
  readonly data: DataSet;
  readonly recipe: Recipe;
  readonly plan: TrainingPlan;
  /** `validation`: trained on the training part, evaluated on the held-out rows. `test`: trained on both, evaluated on the test set. */
  readonly evaluationSplit: Job['evaluationSplit'];
  /** Order, crops and dropout come from forks of it. */
  readonly rng: Rng;
  readonly timingLock?: TimingLock;
  /** Asked between steps. */
  readonly stopped?: () => boolean;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** `epochs`: held-out accuracy after each epoch; `end` (default): after the last one only. Never the test set. */
  readonly evaluate?: 'epochs' | 'end';
  /** Milliseconds since any moment. */
  readonly clock?: () => number;
  /** Reads the test set; the data set's own unless given. */
  readonly test?: () => Promise<Examples>;
  /** Where an earlier attempt at the same training was interrupted; all other options must be as they were. */
  readonly saved?: SavedTraining | null;
  /** Keeps the state of the unfinished training: from time to time, and when it is stopped. */
  readonly keep?: (saved: SavedTraining) => Promise<void>;
  /** Least milliseconds between two calls of `keep`. @default 30 seconds */
  readonly keepEveryMs?: number;
  /** Called when something was done that is no step: a file of the test set was read. */
  readonly alive?: () => void;
}

const PAUSE_MS = 20;
const PROGRESS_MS = 250;
const KEEP_MS = 30_000;

/**
 * Trains one candidate and evaluates it. Equal options give equal draws, so equal weights where the backend is
 * deterministic, whether it was interrupted and resumed or not.
 *
 * Where the recipe keeps a moving average of the weights, those are evaluated and returned, otherwise the weights: nothing
 * is chosen on either set.
 * @throws NasError `NAS_BATCH_TOO_LARGE`, and what reading the test set throws
 */
export async function trainCandidate(options: TrainOptions): Promise<TrainResult> {
  const { backend, data, rng, timingLock = noTimingLock, clock = stopwatch() } = options;
  const recipe = recipeOf(options.recipe, options.plan);
  const stopped = options.stopped ?? (() => false);
  const saved = options.saved ?? null;
  const begin = clock() - 1000 * (saved?.seconds ?? 0);
  const rows = options.evaluationSplit === 'test' ? allRows(data) : data.split.train;
  const perEpoch = stepsPerEpoch(rows.length, recipe.batch);
  const wanted = longEnough(options.plan, perEpoch);
  const planned = totalSteps(wanted, perEpoch);
  let { plan, total, paced } = resumedPlan(wanted, planned, perEpoch, saved);
  const deadline = plan.maxSeconds == null || paced ? null : begin + 1000 * plan.maxSeconds;
  const pace = pacer(clock, saved?.step ?? 0);
  const report = reporter(options.onProgress, clock);
  const pause = pauser(clock, PAUSE_MS);
  const curve: CurvePoint[] = [...(saved?.curve ?? [])];
  let step = saved?.step ?? 0;
  let loss = saved?.loss ?? 0;
  let correct = saved?.correct ?? 0;

  const ended = () => ({ curve, steps: step, seconds: (clock() - begin) / 1000 });
  const asked = (): TrainResult => ({ state: 'stopped', reason: 'stopped on request', ...ended() });
  const diverged = (what: string): TrainResult => ({
    state: 'diverged',
    reason: `${what} is not a finite number at step ${step} of ${total}`,
    ...ended(),
  });

  if (stopped()) return asked();
  report('compiling', 0, null, null);
  const program = within(timingLock, () =>
    backend.compileTraining(
      options.network,
      options.weights,
      stepRecipe(recipe, planned, data, backend.info.device === 'cpu' ? plan.parts : 1),
      data.training,
    ),
  );
  const snapshot = (): SavedTraining => ({
    ...{ step, steps: total, maxSeconds: plan.maxSeconds ?? null, paced, loss, correct, curve: [...curve] },
    seconds: (clock() - begin) / 1000,
    program: program.state(),
  });
  const keeper = stateKeeper({
    keep: options.keep,
    everyMs: options.keepEveryMs ?? KEEP_MS,
    ...{ snapshot, timingLock, clock },
  });
  const stopHere = async (): Promise<TrainResult> => {
    if (step > 0) await keeper.now();
    return asked();
  };
  try {
    if (saved !== null) {
      within(timingLock, () => program.restore(saved.program));
      options.onProgress?.({
        ...{ phase: 'training', done: step / total, loss: null, accuracy: null },
        note: `resuming at step ${step} of ${total}`,
      });
    }
    const average = recipe.emaDecay !== null;
    const evaluateOn = (examples: Examples): Promise<Evaluation | null> =>
      evaluateProgram(program, examples, { ema: average, batch: recipe.batch, timingLock, stopped, pause });
    const heldOut =
      options.evaluationSplit === 'test' ? null : takeRows(data.training, data.split.validation);
    const batch = { batch: recipe.batch, pad: recipe.pad, flip: recipe.flip && data.flip };

    // An epoch that was interrupted while it was evaluated is not on the curve yet.
    const isPending = step > 0 && step % perEpoch === 0 && curve.at(-1)?.step !== step;
    for (let epoch = Math.floor(step / perEpoch) - Number(isPending); step < total; epoch++) {
      const done = step - epoch * perEpoch;
      let inEpoch = done;
      let drawn = 0;
      for (const input of epochBatches(rows, epoch, batch, rng)) {
        // Drawn anyway, for the draws after them.
        if (drawn++ < done) continue;
        if (step === total) break;
        await pause();
        if (stopped()) return await stopHere();
        if (step > 0) await keeper.whenDue();
        const fits = deadline === null ? undefined : pace(step, deadline);
        if (fits !== undefined) {
          paced = true;
          total = Math.max(step + 1, plan.fillTime === true ? fits : Math.min(fits, planned));
          plan = ofLength(plan, total, perEpoch);
        }
        const rate = learningRate(plan, recipe, step, perEpoch);
        const output = within(timingLock, () => program.step({ ...input, learningRate: rate }));
        step++;
        inEpoch++;
        if (!Number.isFinite(output.loss)) return diverged('the loss');
        loss += output.loss;
        correct += output.correct;
        report('training', step / total, loss / inEpoch, null);
      }
      let accuracy: number | null = null;
      if (heldOut !== null && options.evaluate === 'epochs' && step < total) {
        const evaluated = await evaluateOn(heldOut);
        if (evaluated === null) return await stopHere();
        accuracy = evaluated.accuracy;
        report('training', step / total, loss / inEpoch, accuracy, true);
      }
      curve.push({
        epoch: step / perEpoch,
        step,
        loss: loss / inEpoch,
        trainAccuracy: correct / (inEpoch * recipe.batch),
        accuracy,
        seconds: (clock() - begin) / 1000,
      });
      loss = 0;
      correct = 0;
    }

    await keeper.whenDue();
    report('evaluating', 1, curve.at(-1)?.loss ?? null, null, true);
    const examples = heldOut ?? (await (options.test ?? (() => loadTest(data, options.alive)))());
    const evaluated = await evaluateOn(examples);
    if (evaluated === null) return await stopHere();
    if (!Number.isFinite(evaluated.loss)) return diverged('the loss of the evaluation');
    if (heldOut !== null) markLast(curve, evaluated);
    return {
      state: 'done',
      accuracy: ratio(evaluated.accuracy),
      loss: evaluated.loss,
      weights: program.weights(average),
      ema: average,
      ...ended(),
    };
  } finally {
    program.dispose();
  }
}

/** The recipe with what the plan has of its own. */
function recipeOf(recipe: Recipe, { pad, labelSmoothing }: TrainingPlan): Recipe {
  return {
    ...recipe,
    pad: pad ?? recipe.pad,
    labelSmoothing: labelSmoothing ?? recipe.labelSmoothing,
  };
}

/** The plan with steps enough for the pace to be taken, where the time sets the length. */
function longEnough(plan: TrainingPlan, perEpoch: number): TrainingPlan {
  if (plan.fillTime !== true || plan.maxSeconds == null) return plan;
  return { ...plan, epochs: Math.max(plan.epochs, (2 * TAKEN_AT) / perEpoch) };
}

/** The plan with a number of steps that its time allows. */
function ofLength(plan: TrainingPlan, steps: number, perEpoch: number): TrainingPlan {
  return { ...plan, epochs: Math.max(plan.epochs, steps / perEpoch), maxSteps: steps };
}

/** The plan as an earlier attempt may have fitted it to its time: that stands, unless another time is given now. */
function resumedPlan(
  plan: TrainingPlan,
  planned: number,
  perEpoch: number,
  saved: SavedTraining | null,
): { plan: TrainingPlan; total: number; paced: boolean } {
  const same =
    saved !== null && (saved.maxSeconds === (plan.maxSeconds ?? null) || saved.step === saved.steps);
  if (!same) return { plan, total: planned, paced: false };
  const total = plan.fillTime === true ? saved.steps : Math.min(planned, saved.steps);
  return { plan: total === planned ? plan : ofLength(plan, total, perEpoch), total, paced: saved.paced };
}

function allRows(data: DataSet): Int32Array {
  return Int32Array.from({ length: data.training.count }, (_, row) => row);
}

function markLast(curve: CurvePoint[], { accuracy, loss }: Pick<Evaluation, 'accuracy' | 'loss'>): void {
  const last = curve.pop();
  if (last !== undefined) curve.push({ ...last, accuracy, heldOutLoss: loss });
}

function reporter(listener: TrainOptions['onProgress'], clock: () => number) {
  let last = Number.NEGATIVE_INFINITY;
  let phase = '';
  return (
    now: Progress['phase'],
    done: number,
    loss: number | null,
    accuracy: number | null,
    always = false,
  ): void => {
    if (listener === undefined) return;
    const time = clock();
    if (!always && now === phase && time - last < PROGRESS_MS) return;
    last = time;
    phase = now;
    listener({ phase: now, done, loss, accuracy });
  };
}
