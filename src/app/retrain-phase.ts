import type { Json } from '../core/index.js';
import { bestUnder, type Outcome, type TrainingPlan, type Trial, type TrialReader } from '../trials/index.js';
import type { Listener } from './events.js';
import { requireTrial } from './refine-phase.js';
import { checkpointName } from './search-phase.js';
import type { Session } from './session.js';

export interface RetrainWishes {
  /** The trial whose architecture is trained again. */
  readonly trial: number;
  /** Wall-clock limit; null trains the specification's epochs. */
  readonly seconds: number | null;
}

/**
 * Trains an architecture from scratch on all training pictures and judges it once on the test set (MobileNetV3
 * §6.1: the found network is retrained). The host gets one worker with all threads. Interrupted, the trial stays
 * unfinished and the next call begins it again.
 */
export async function retrainPhase(
  session: Session,
  wishes: RetrainWishes,
  listen: Listener,
): Promise<Trial> {
  const { spec, store, signal } = session;
  const parent = requireTrial(store, wishes.trial);
  const unfinished = store.rows({ kinds: ['retrain'], states: ['running'], parent: parent.id })[0];
  const trial = unfinished === undefined ? beginRetrain(session, parent) : store.retry(unfinished.trial);
  const pool = await session.pool('alone');
  const outcome = await pool.evaluate(
    {
      trial: trial.id,
      text: parent.text,
      seed: trial.seed,
      start: { kind: 'random' },
      plan: planWithin(session, parent, wishes.seconds),
      judge: 'test',
      gateMs: null,
      checkpoint: checkpointName(trial.id),
      deadlineSeconds: Math.max(spec.host.deadlineSeconds, 2 * (wishes.seconds ?? 0)),
      latency: parent.outcome?.latency ?? null,
    },
    signal,
    (progress) => {
      listen({ phase: 'retrain', trial: trial.id, progress });
      return 'continue';
    },
  );
  if (outcome.state === 'stopped' && signal.aborted) return trial;
  return store.finish(trial.id, outcome, null, store.strategyState());
}

function beginRetrain({ spec, store }: Session, parent: Trial): Trial {
  const note: Json = { of: parent.id };
  const [trial] = store.begin(
    [
      {
        kind: 'retrain',
        parent: parent.id,
        genome: parent.genome,
        text: parent.text,
        params: parent.params,
        madds: parent.madds,
        seed: `${spec.seed}/retrain/${parent.id}`,
        note,
      },
    ],
    store.strategyState(),
  );
  if (trial === undefined) throw new TypeError('the store began no trial');
  return trial;
}

/**
 * The final plan, cut to the time there is: the schedule must know its end beforehand, so the number of steps follows
 * from the pace at which the parent (or its nearest trained ancestor) ran. `SAFETY` leaves room for judging and noise.
 */
function planWithin(session: Session, parent: Trial, seconds: number | null): TrainingPlan {
  const { final, host } = session.spec;
  const pace = paceOf(session.store, parent);
  if (seconds === null || pace === undefined) return final;
  const together = (pace * host.workers) / GAIN_OF_WORKERS;
  const maxSteps = Math.max(20, Math.floor(seconds * SAFETY * together));
  return { ...final, maxSteps: final.maxSteps === null ? maxSteps : Math.min(final.maxSteps, maxSteps) };
}

const SAFETY = 0.8;
/** What several workers do more than one with all threads. */
const GAIN_OF_WORKERS = 1.25;

/** Steps a second of the nearest trial up the line of parents that was trained. */
function paceOf(store: TrialReader, trial: Trial): number | undefined {
  const last = curveEnd(trial.outcome);
  if (last !== undefined) return last;
  const parent = trial.parent === null ? undefined : store.trial(trial.parent);
  return parent === undefined ? undefined : paceOf(store, parent);
}

function curveEnd(outcome: Outcome | null): number | undefined {
  if (outcome === null || !('curve' in outcome)) return undefined;
  const end = outcome.curve.at(-1);
  return end === undefined || end.seconds <= 0 ? undefined : end.step / end.seconds;
}

/**
 * The trial to retrain and export when none is named: the most accurate one, sampled or shrunk, whose measured
 * latency meets the target.
 */
export function bestTrial(reader: TrialReader, targetMs: number): number | undefined {
  return bestUnder(reader.rows({ states: ['done'] }), targetMs)?.trial;
}
