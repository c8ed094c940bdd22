import { z } from 'zod';
import { formatPercent, ratio } from '../../core/index.js';
import {
  collectRows,
  heldOutLoss,
  isOnDevices,
  meetsTargets,
  readStored,
  type Outcome,
  type TrainingPlan,
  type TrialReader,
  type TrialRow,
} from '../../trials/index.js';
import type { Listener } from '../events.js';
import { scaledPresetOf } from '../search/initial-candidates.js';
import { studyDevices } from '../study/same-device.js';
import { statusWriter } from '../study/status.js';
import type { Session } from '../study/session.js';

/** A trial that was trained again, longer, to be compared with the other finalists. */
const finalistSchema = z.strictObject({
  trial: z.int(),
  /** On the held-out pictures. */
  accuracy: z.number(),
  /** Mean cross-entropy of the same. */
  loss: z.number(),
});
type Finalist = z.infer<typeof finalistSchema>;

const NOTE = 'run.finalists';
const MOST = 4;
/** A training of less than this number of times the search's own says nothing new. */
const LEAST_TIMES = 2;
/** And never less than this, in seconds: compiling and evaluating are part of it. */
const LEAST_SECONDS = 15;
/** Compiling and evaluating come out of the same time. */
const TRAINING_SHARE = 0.85;
/** Without a time budget: of the final training's epochs. */
const EPOCHS_SHARE = 0.25;

/**
 * Trains the best trials that meet the target from scratch, each for the same time and to the end of its schedule, so that
 * the network of the final training is chosen by more than the search's short ones. The best scaled preset is always among
 * them. Noted one by one: interrupted, the next call trains those that are missing.
 * @param seconds for all of them; null for a share of the final epochs each
 * @throws NasError what the host finds
 */
export async function compareFinalists(
  session: Session,
  seconds: number | null,
  listen: Listener,
): Promise<'interrupted' | 'ended'> {
  const { spec, store, signal } = session;
  const candidates = await finalistsOf(store, spec.latency.targetMs);
  if (candidates.length < 2) return 'ended';
  const pool = await session.pool();
  const count = seconds === null ? candidates.length : fitting(candidates, seconds, pool.slots);
  if (count < 2) return 'ended';
  const chosen = candidates.slice(0, count);
  const plan = planOf(spec.final, seconds, Math.ceil(count / pool.slots));
  const known = new Map(finalistsNoted(store).map((one) => [one.trial, one]));
  const left = chosen.filter(({ trial }) => !known.has(trial));
  listen({ phase: 'prepare', text: `finalists: ${chosen.map(({ trial }) => `trial ${trial}`).join(', ')}` });
  using live = statusWriter(store, 'finalists', listen);
  const train = async ({ trial }: TrialRow): Promise<void> => {
    const { text, outcome: sampled } = store.trial(trial) ?? {};
    if (text === undefined || sampled?.latency == null || signal.aborted) return;
    const outcome = await pool.evaluate(
      {
        ...{ trial, text, plan, latency: sampled.latency },
        ...{ seed: `${spec.seed}/finalist/${trial}`, start: { kind: 'random' } },
        ...{ evaluationSplit: 'validation', gateMs: null, checkpoint: null },
      },
      signal,
      (progress) => {
        live.listen({ phase: 'finalists', progress });
        return 'continue';
      },
    );
    const finalist = finalistOf(trial, outcome);
    if (finalist === undefined) return;
    known.set(trial, finalist);
    await session.retry.run(() => {
      store.note(NOTE, [...known.values()]);
    }, signal);
  };
  const waiting = [...left];
  const slot = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await train(next);
  };
  await Promise.all(Array.from({ length: pool.slots }, slot));
  if (signal.aborted) return 'interrupted';
  for (const { trial, accuracy, loss } of [...known.values()].sort((a, b) => a.loss - b.loss))
    listen({
      phase: 'prepare',
      text: `finalist: trial ${trial} ${formatPercent(ratio(accuracy))}, loss ${loss.toFixed(4)}${presetText(store, trial)}`,
    });
  return 'ended';
}

/** The finalist of the least held-out loss; undefined where none was trained. */
export function bestFinalist(reader: TrialReader): number | undefined {
  return finalistsNoted(reader).sort((a, b) => a.loss - b.loss)[0]?.trial;
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

/** Undefined where no scaled preset was compared with others. */
export function scalingGain(reader: TrialReader): ScalingGain | undefined {
  const ranked = finalistsNoted(reader).sort((a, b) => a.loss - b.loss);
  const best = ranked[0];
  const scaled = ranked.find(({ trial }) => scaledPresetOf(reader.trial(trial)?.note) !== undefined);
  const preset = scaled && scaledPresetOf(reader.trial(scaled.trial)?.note);
  if (best === undefined || scaled === undefined || preset === undefined) return undefined;
  return {
    scaled: `${preset.preset}@${preset.multiplier}`,
    accuracy: best.accuracy,
    scaledAccuracy: scaled.accuracy,
    isScaled: scaled === best,
  };
}

function finalistsNoted(reader: TrialReader): Finalist[] {
  return [...(readStored(z.array(finalistSchema), reader.noted(NOTE)) ?? [])];
}

/** Distinct networks that meet the target on the study's device, the most accurate first, the best scaled preset second at the latest. */
async function finalistsOf(reader: TrialReader, targetMs: number): Promise<readonly TrialRow[]> {
  const devices = studyDevices(reader);
  const rows = (await collectRows(reader, { kinds: ['sample', 'netadapt'], states: ['done'] }))
    .filter(
      (row) =>
        row.latencyMs !== null &&
        meetsTargets({ medianMs: row.latencyMs, also: row.also }, targetMs) &&
        (devices === undefined || isOnDevices(row, devices)),
    )
    .sort((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0));
  const distinct = rows.filter((row, i) => rows.findIndex(({ text }) => text === row.text) === i);
  const scaled = distinct.find((row) => scaledPresetOf(reader.trial(row.trial)?.note) !== undefined);
  const [first, ...others] = distinct;
  if (first === undefined || scaled === undefined || scaled === first) return distinct.slice(0, MOST);
  return [first, scaled, ...others.filter((row) => row !== scaled)].slice(0, MOST);
}

/** How many finalists fit into a time, each trained for clearly longer than in the search. */
function fitting(candidates: readonly TrialRow[], seconds: number, slots: number): number {
  const longest = Math.max(...candidates.map((row) => row.seconds ?? 0));
  const rounds = Math.floor(seconds / Math.max(LEAST_SECONDS, LEAST_TIMES * longest));
  return Math.min(candidates.length, rounds * slots);
}

function planOf(final: TrainingPlan, seconds: number | null, rounds: number): TrainingPlan {
  if (seconds === null) return { ...final, epochs: EPOCHS_SHARE * final.epochs };
  return { ...final, fillTime: true, maxSeconds: (TRAINING_SHARE * seconds) / rounds };
}

function finalistOf(trial: number, outcome: Outcome): Finalist | undefined {
  const loss = heldOutLoss(outcome);
  return outcome.state === 'done' && loss !== null ? { trial, accuracy: outcome.accuracy, loss } : undefined;
}

function presetText(reader: TrialReader, trial: number): string {
  const scaled = scaledPresetOf(reader.trial(trial)?.note);
  return scaled === undefined ? '' : ` (${scaled.preset}@${scaled.multiplier})`;
}
