import type { Json } from '../core/index.js';
import { bestUnder, type TrainingPlan, type Trial, type TrialReader } from '../trials/index.js';
import { endAbandoned } from './abandoned.js';
import type { Listener } from './events.js';
import { requireTrial } from './refine-phase.js';
import { liveNotes } from './live.js';
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
  endAbandoned(store, (left) => left.id === unfinished?.trial);
  const pool = await session.pool('alone');
  const trial = unfinished === undefined ? beginRetrain(session, parent) : store.retry(unfinished.trial);
  using live = liveNotes(store, 'retraining', listen);
  const outcome = await pool.evaluate(
    {
      trial: trial.id,
      text: parent.text,
      seed: trial.seed,
      start: { kind: 'random' },
      plan: planWithin(session, wishes.seconds),
      judge: 'test',
      gateMs: null,
      checkpoint: checkpointName(trial.id),
      deadlineSeconds: Math.max(spec.host.deadlineSeconds, 2 * (wishes.seconds ?? 0)),
      latency: parent.outcome?.latency ?? null,
    },
    signal,
    (progress) => {
      live.listen({ phase: 'retrain', trial: trial.id, progress });
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

/** The final plan, cut to the time there is; judging on the test set comes out of the same time. */
function planWithin({ spec }: Session, seconds: number | null): TrainingPlan {
  if (seconds === null) return spec.final;
  return { ...spec.final, maxSeconds: Math.max(1, TRAINING_SHARE * seconds - STARTING_SECONDS) };
}

const TRAINING_SHARE = 0.93;
/** A host with the data loaded, the step compiled. */
const STARTING_SECONDS = 6;

/**
 * The trial to retrain and export when none is named: the most accurate one, sampled or shrunk, whose measured
 * latency meets the target.
 */
export function bestTrial(reader: TrialReader, targetMs: number): number | undefined {
  return bestUnder(reader.rows({ states: ['done'] }), targetMs)?.trial;
}
