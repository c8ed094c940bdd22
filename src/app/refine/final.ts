import { z } from 'zod';
import { formatPercent, isAborted, ratio } from '../../core/index.js';
import { heldOutLoss, readStored, type Outcome, type Trial, type TrialReader } from '../../trials/index.js';
import type { Listener } from '../events.js';
import { finalPlan, retrainPhase, startOf, type FinalStart } from '../retrain/phase.js';
import type { Session } from '../study/session.js';
import { statusWriter } from '../study/status.js';
import { weightsFile } from '../study/weights.js';
import { requireTrial } from './phase.js';

/** How the final training starts; `both`: the better of the two is found first. */
export const FINAL_TRAININGS = ['scratch', 'finetune', 'both'] as const;
export type FinalTraining = (typeof FINAL_TRAININGS)[number];

/** As MobileNetV3 §6.1 has it. */
export const DEFAULT_FINAL_TRAINING: FinalTraining = 'scratch';

const resultSchema = z.strictObject({ accuracy: z.number(), loss: z.number().nullable() }).readonly();
/** What each start came to on the held-out pictures; null where it failed. */
const comparedSchema = z
  .strictObject({
    finetune: resultSchema.nullable().exactOptional(),
    scratch: resultSchema.nullable().exactOptional(),
  })
  .readonly();
export type ComparedStarts = z.infer<typeof comparedSchema>;

export interface FinalOptions {
  /** A trained trial, as NetAdapt leaves one. */
  readonly trial: number;
  readonly final: FinalTraining;
  /** Wall-clock limit of all of it; null trains by the study's epochs. */
  readonly seconds: number | null;
}

/** Of the time, or of the final epochs for both starts together, what their comparison gets. */
const COMPARISON_SHARE = 0.5;

/**
 * The final training of a shrunk network, from scratch or from its weights, on all training pictures, evaluated once on the
 * test set. `both`: the two are trained equally long without the held-out pictures, half of the time for both together; the
 * more accurate one on these – of equal ones that of the smaller loss – is trained finally in the other half. What each came to
 * is reported and noted with the trial. Interrupted, the same call resumes.
 * @returns the trial, still running where it was interrupted; undefined where the comparison was
 * @throws NasError `NAS_TRIAL_MISSING`, `NAS_NO_WEIGHTS`, and what the host finds
 */
export async function finalTraining(
  session: Session,
  { trial, final, seconds }: FinalOptions,
  listen: Listener,
): Promise<Trial | undefined> {
  if (final !== 'scratch') requireWeights(session, trial);
  if (final !== 'both') return retrainPhase(session, { trial, seconds, from: final }, listen);
  const parent = requireTrial(session.store, trial);
  const share = seconds === null ? null : (COMPARISON_SHARE / 2) * seconds;
  for (const from of STARTS) {
    if (comparedOf(session.store, trial)[from] !== undefined) continue;
    if (!(await compare(session, parent, from, share, listen))) return undefined;
  }
  const compared = comparedOf(session.store, trial);
  const from = betterStart(compared);
  listen({ phase: 'prepare', text: `final training: ${startsText(compared)}; ${WORDS[from]} is kept` });
  const left = seconds === null ? null : (1 - COMPARISON_SHARE) * seconds;
  return retrainPhase(session, { trial, seconds: left, from, compared }, listen);
}

/** A host takes seconds to start, so what it would not find is reported before. */
function requireWeights({ folder, store }: Session, trial: number): void {
  const { outcome } = requireTrial(store, trial);
  if (outcome?.state === 'done' && outcome.checkpoint !== null)
    weightsFile(folder, store, outcome.checkpoint, trial);
}

const STARTS: readonly FinalStart[] = ['finetune', 'scratch'];
const WORDS: Readonly<Record<FinalStart, string>> = { finetune: 'training further', scratch: 'from scratch' };

/** The more accurate start; of equal ones that of the smaller loss, else from scratch, as is the default. */
export function betterStart({ finetune, scratch }: ComparedStarts): FinalStart {
  if (finetune == null) return 'scratch';
  if (scratch == null) return 'finetune';
  if (finetune.accuracy !== scratch.accuracy)
    return finetune.accuracy > scratch.accuracy ? 'finetune' : 'scratch';
  return (finetune.loss ?? Infinity) < (scratch.loss ?? Infinity) ? 'finetune' : 'scratch';
}

function startsText(compared: ComparedStarts): string {
  return STARTS.map((from) => {
    const result = compared[from];
    return `${WORDS[from]} ${result == null ? 'failed' : `${formatPercent(ratio(result.accuracy))} on held-out pictures`}`;
  }).join(', ');
}

const noteKey = (trial: number): string => `final/${trial}`;

function comparedOf(reader: TrialReader, trial: number): ComparedStarts {
  return readStored(comparedSchema, reader.noted(noteKey(trial))) ?? {};
}

/** False when it was interrupted. */
async function compare(
  session: Session,
  parent: Trial,
  from: FinalStart,
  seconds: number | null,
  listen: Listener,
): Promise<boolean> {
  const { spec, store, signal, retry } = session;
  const start = startOf(parent, from);
  const pool = await session.pool('exclusive');
  const plan = finalPlan(session, { ...parent, parent: parent.id }, seconds, from);
  using live = statusWriter(store, 'comparing final trainings', listen);
  const outcome = await pool.evaluate(
    {
      ...{ trial: parent.id, text: parent.text, start },
      plan: seconds === null ? { ...plan, epochs: (COMPARISON_SHARE / 2) * plan.epochs } : plan,
      // One stream for both: order, crops and dropout are the same.
      seed: `${spec.seed}/final/${parent.id}`,
      ...{ evaluationSplit: 'validation', gateMs: null, checkpoint: null },
      latency: parent.outcome?.latency ?? null,
    },
    signal,
    (progress) => {
      live.listen({ phase: 'finalists', progress });
      return 'continue';
    },
  );
  if (isAborted(signal)) return false;
  await retry.run(() => {
    store.note(noteKey(parent.id), { ...comparedOf(store, parent.id), [from]: resultOf(outcome) });
  }, signal);
  return true;
}

function resultOf(outcome: Outcome): { readonly accuracy: number; readonly loss: number | null } | null {
  if (outcome.state !== 'done') return null;
  return { accuracy: outcome.accuracy, loss: heldOutLoss(outcome) };
}
