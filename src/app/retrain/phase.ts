import { NasError, type Json } from '../../core/index.js';
import { costsOf, parseArchitecture } from '../../space/index.js';
import {
  isOnDevices,
  type LatencyRecord,
  type NewTrial,
  type Start,
  type TrainingPlan,
  type Trial,
  type TrialReader,
  type TrialState,
} from '../../trials/index.js';
import { factsOf } from '../study/data-facts.js';
import { endOrphans } from '../study/orphans.js';
import { originOf } from '../study/new-device.js';
import { studyDevices } from '../study/same-device.js';
import { retrainedAtChance } from '../search/chance.js';
import type { Listener } from '../events.js';
import { requireTrial } from '../refine/phase.js';
import { statusWriter } from '../study/status.js';
import { checkpointName } from '../study/checkpoint-name.js';
import { regularised } from './long-training.js';
import type { ScaledPreset } from './scale-preset.js';
import type { Session } from '../study/session.js';
import { tableWarnings } from '../search/table-coverage.js';

export interface RetrainOptions {
  /** The trial whose architecture is trained again. */
  readonly trial: number;
  /** Wall-clock limit; null trains the specification's epochs. */
  readonly seconds: number | null;
  /** Of its own, where a session in full has measured it already. */
  readonly latency?: LatencyRecord | undefined;
  /** Trained in place of the trial's own network, which it is but for its widths. */
  readonly fitted?: FittedWidths | undefined;
  /** What it starts from. @default scratch */
  readonly from?: FinalStart | undefined;
  /** What is noted of the choice between the two, if there was one. */
  readonly compared?: Json | undefined;
}

/** The final training starts from random weights, or from those that the trial has. */
export type FinalStart = 'scratch' | 'finetune';

/** A trial's network with all widths multiplied by a factor. */
export interface FittedWidths {
  readonly text: string;
  readonly factor: number;
}

/**
 * Trains an architecture from scratch on all training pictures and evaluates it once on the test set (MobileNetV3
 * §6.1: the found network is retrained). The host gets one worker with all threads. Interrupted, the trial stays
 * unfinished and the next call resumes it from its last training state.
 */
export async function retrainPhase(
  session: Session,
  requested: RetrainOptions,
  listen: Listener,
): Promise<Trial> {
  const parent = await session.onStudyDevice(requireTrial(session.store, requested.trial));
  return train(session, networkOf(session, parent, requested), requested.seconds, listen);
}

/** As {@link retrainPhase}, a published network scaled to the target; its trial has no parent and notes the preset. */
export function retrainPreset(
  session: Session,
  scaled: ScaledPreset,
  seconds: number | null,
  listen: Listener,
): Promise<Trial> {
  return train(session, networkOfPreset(session, scaled), seconds, listen);
}

/** A network to be trained, as its trial will have it. */
interface Network {
  readonly start: Start;
  readonly latency: LatencyRecord | null;
  readonly begun: NewTrial;
}

async function train(
  session: Session,
  { begun, latency, start }: Network,
  seconds: number | null,
  listen: Listener,
): Promise<Trial> {
  const { spec, store, signal } = session;
  if (latency === null)
    for (const warning of tableWarnings(spec.latency, [parseArchitecture(begun.text)], 'the network'))
      listen({ phase: 'prepare', text: `warning: ${warning}` });
  const unfinished = retrainsOf(store, begun, 'running')[0];
  endOrphans(store, (left) => left.id === unfinished);
  const pool = await session.pool('exclusive');
  const { retry } = session;
  const trial = await retry.run(
    () =>
      unfinished === undefined ? store.begin([begun], store.strategyState())[0] : store.retry(unfinished),
    signal,
  );
  if (trial === undefined) throw new TypeError('the store began no trial');
  using live = statusWriter(store, 'retraining', listen);
  const outcome = await pool.evaluate(
    {
      trial: trial.id,
      text: trial.text,
      seed: trial.seed,
      start,
      plan: finalPlan(session, begun, seconds, start.kind === 'random' ? 'scratch' : 'finetune'),
      evaluationSplit: 'test',
      gateMs: null,
      checkpoint: checkpointName(trial.id),
      latency,
    },
    signal,
    (progress) => {
      live.listen({ phase: 'retrain', trial: trial.id, progress });
      return 'continue';
    },
  );
  if (outcome.state === 'stopped' && signal.aborted) return trial;
  const warning = outcome.state === 'done' ? retrainedAtChance(store, outcome.accuracy) : undefined;
  if (warning !== undefined) listen({ phase: 'prepare', text: warning });
  return await retry.run(() => store.finish(trial.id, outcome, null, store.strategyState()), signal);
}

function networkOf(
  { spec }: Session,
  parent: Trial,
  { latency, fitted, from = 'scratch', compared }: RetrainOptions,
): Network {
  const start = startOf(parent, from);
  const begun = {
    kind: 'retrain' as const,
    parent: parent.id,
    genome: parent.genome,
    text: parent.text,
    params: parent.params,
    madds: parent.madds,
    seed: `${spec.seed}/retrain/${parent.id}`,
    note: {
      of: parent.id,
      ...(from === 'scratch' ? {} : { final: from }),
      ...(compared === undefined ? {} : { compared }),
    },
  };
  if (fitted === undefined) return { start, latency: latency ?? lookedUp(parent), begun };
  const { text, factor } = fitted;
  const architecture = parseArchitecture(text);
  return {
    start,
    latency: latency ?? null,
    begun: {
      ...{ ...begun, text, genome: null, note: { ...begun.note, width: factor } },
      ...costsOf(architecture),
    },
  };
}

/** @throws NasError `NAS_NO_WEIGHTS` where weights are to be trained further that the trial does not have */
export function startOf(parent: Trial, from: FinalStart): Start {
  if (from === 'scratch') return { kind: 'random' };
  const { outcome } = parent;
  if (outcome?.state === 'done' && outcome.checkpoint !== null)
    return { kind: 'surgery', checkpoint: outcome.checkpoint, text: parent.text };
  throw new NasError({
    code: 'NAS_NO_WEIGHTS',
    found: `trial ${parent.id} has no weights to train further`,
    fix: 'train it from scratch: --final scratch',
  });
}

/** What a final training started from; trials of earlier versions do not say, and started from scratch. */
export function finalStartOf(note: Json): FinalStart {
  const finetuned = note !== null && typeof note === 'object' && 'final' in note && note.final === 'finetune';
  return finetuned ? 'finetune' : 'scratch';
}

/** A latency that no session changes; what the search measured shortly is measured again. */
function lookedUp({ outcome }: Trial): LatencyRecord | null {
  const latency = outcome?.latency ?? null;
  return latency?.source === 'measured' ? null : latency;
}

function networkOfPreset({ spec }: Session, scaled: ScaledPreset): Network {
  const { preset, multiplier, text, latency } = scaled;
  const architecture = parseArchitecture(text);
  return {
    start: { kind: 'random' },
    latency,
    begun: {
      kind: 'retrain',
      parent: null,
      genome: null,
      text,
      ...costsOf(architecture),
      seed: `${spec.seed}/retrain/${preset}@${multiplier}`,
      note: { preset, multiplier, why: 'no trial of the study meets the target' },
    },
  };
}

/**
 * Retrainings of the same network with the same start from the same parent, or none, by ascending number. What was timed again on another
 * device counts as what it was before.
 */
function retrainsOf(
  reader: TrialReader,
  { parent, text, note = null }: RetrainedNetwork,
  state: TrialState,
): readonly number[] {
  return reader
    .rows({ kinds: ['retrain'], states: [state], text })
    .filter(({ trial }) => finalStartOf(reader.trial(trial)?.note ?? null) === finalStartOf(note))
    .filter((row) => originOf(reader, parentOf(reader, row.trial)) === originOf(reader, parent))
    .map((row) => row.trial);
}

type RetrainedNetwork = Pick<NewTrial, 'parent' | 'text'> & Partial<Pick<NewTrial, 'note'>>;

function parentOf(reader: TrialReader, trial: number): number | null {
  return reader.trial(originOf(reader, trial) ?? trial)?.parent ?? null;
}

/** The finished retraining of that network on the study's device, if there is one. */
export function finishedRetrain(reader: TrialReader, network: RetrainedNetwork): Trial | undefined {
  const devices = studyDevices(reader);
  const [trial] = retrainsOf(reader, network, 'done').filter((id) => {
    const latency = reader.trial(id)?.outcome?.latency;
    return devices === undefined || latency == null || isOnDevices(latency, devices);
  });
  return trial === undefined ? undefined : reader.trial(trial);
}

/**
 * The final plan within the time there is, as long as that unless its epochs were given; evaluating on the test set comes out of the
 * same time. What is trained further has the learning rate of NetAdapt's fine-tune.
 */
export function finalPlan(
  { spec, store }: Session,
  network: Pick<NewTrial, 'text' | 'parent' | 'madds'>,
  seconds: number | null,
  from: FinalStart,
): TrainingPlan {
  const { learningRate } = from === 'scratch' ? spec.final : spec.refine.finetune;
  const final = { ...spec.final, learningRate };
  if (seconds === null) return regularised(final, final.epochs, spec);
  const pace = final.fillTime === true ? paceOf(store, network) : undefined;
  const tests = factsOf(store)?.chance?.test.pictures;
  const evaluating =
    pace === undefined || tests === undefined
      ? Infinity
      : (EVALUATION_COST * tests * pace.stepSeconds) / spec.recipe.batch;
  const reserved = STARTING_SECONDS + Math.min(EVALUATION_SHARE * seconds, evaluating);
  const maxSeconds = Math.max(1, seconds - reserved);
  const epochs = pace === undefined ? final.epochs : maxSeconds / (pace.stepSeconds * pace.perEpoch);
  return { ...regularised(final, epochs, spec), maxSeconds };
}

/** What is known of a network's training before it begins. */
interface Pace {
  readonly stepSeconds: number;
  readonly perEpoch: number;
}

/**
 * How fast the search trained this network, or with its share of multiply-adds the parent that it was fitted from; undefined where
 * it trained neither.
 */
function paceOf(
  reader: TrialReader,
  { text, parent, madds }: Pick<NewTrial, 'text' | 'parent' | 'madds'>,
): Pace | undefined {
  const [row] = reader.rows({ kinds: ['sample', 'netadapt'], states: ['done'], text });
  const trial = reader.trial(row?.trial ?? parent ?? 0);
  const outcome = trial?.outcome;
  const last = outcome?.state === 'done' ? outcome.curve.at(-1) : undefined;
  if (trial === undefined || last === undefined || last.epoch <= 0 || last.step <= 0) return undefined;
  const stepSeconds = (last.seconds / last.step) * (madds / trial.madds);
  return { stepSeconds, perEpoch: last.step / last.epoch };
}

/** Evaluating a picture takes about a third of training on it; some more, since a fitted network is slower than its parent. */
const EVALUATION_COST = 0.5;
/** Of the whole time at most, and where nothing is known of the network's pace. */
const EVALUATION_SHARE = 0.03;
/** A host with the data loaded, the step compiled. */
const STARTING_SECONDS = 6;

/**
 * The trial to retrain and export when none is named: the most accurate one, sampled or shrunk, whose measured
 * latency meets the target.
 */
export function bestTrial(reader: TrialReader, targetMs: number): number | undefined {
  return reader.best(targetMs)?.trial;
}
