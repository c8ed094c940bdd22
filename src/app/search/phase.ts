import { parsePlatform } from '../../latency/index.js';
import { runSearch, type SearchResult } from '../../search/index.js';
import { searchAtChance } from './chance.js';
import type { Listener } from '../events.js';
import { checkpointName } from '../study/checkpoint-name.js';
import { checkpointsIn, dropDominatedWeights, type DominatedWeights } from '../study/dominated-weights.js';
import { endOrphans } from '../study/orphans.js';
import { devicePredictor } from './device-predictor.js';
import { probeLatencies } from './latency-probes.js';
import { statusWriter } from '../study/status.js';
import { initialCandidates, nothingScaled } from './initial-candidates.js';
import { requireReachable } from './reachable.js';
import { studyReward } from './reward.js';
import { studyStrategy } from './study-strategy.js';
import type { Session } from '../study/session.js';
import { noteDropping } from '../study/weights.js';
import { trialRow } from '../../trials/index.js';

/**
 * Runs or continues a study's search until its budget is spent.
 * @param seconds replaces the budget's time, e.g. the search's share of a whole run; null for the budget's own
 * @throws NasError what the search and its host find
 */
export async function searchPhase(
  session: Session,
  listen: Listener,
  seconds: number | null = null,
): Promise<SearchResult> {
  const { spec, space, store, signal } = session;
  endOrphans(store);
  const evaluator = await session.pool();
  const { reward, targetMs } = studyReward(spec);
  const strategy = studyStrategy(session);
  const predicted =
    parsePlatform(spec.latency.platform).kind === 'table'
      ? undefined
      : await devicePredictor(session.places, evaluator.fingerprint, store);
  await requireReachable(session, evaluator, predicted, (text) => {
    listen({ phase: 'prepare', text });
  });
  const initial = await initialCandidates(
    session,
    evaluator,
    (text, latency) => predicted?.measured(text, latency),
    (text) => {
      listen({ phase: 'prepare', text });
    },
  );
  if (initial.length > 0 && predicted !== undefined && spec.strategy.name !== 'scale')
    await probeLatencies(session, evaluator, predicted);
  if (spec.strategy.name === 'scale' && initial.length === 0 && store.count() === 0)
    throw nothingScaled(spec.latency.targetMs);
  const weights = spec.keep === 'frontier' ? await dropping(session, listen) : undefined;
  using live = statusWriter(store, 'search', listen);
  const result = await runSearch({
    space,
    strategy,
    reward,
    store,
    evaluator,
    targetMs,
    budget: { trials: spec.budget.trials, seconds: seconds ?? spec.budget.seconds },
    plan: spec.proxy,
    mode: spec.mode,
    initial,
    gateFactor: spec.latency.gate,
    predictor: predicted,
    checkpoint: checkpointName,
    signal,
    retry: session.retry,
    onEvent: (event) => {
      if (event.kind === 'finished') weights?.committed(trialRow(event.trial));
      live.listen({ phase: 'search', event });
    },
  });
  const warning = result.ended === 'interrupted' ? undefined : searchAtChance(store);
  if (warning !== undefined) listen({ phase: 'prepare', text: warning });
  return result;
}

async function dropping(session: Session, listen: Listener): Promise<DominatedWeights> {
  const { store, spec, folder, retry, signal, log } = session;
  await retry.run(() => {
    noteDropping(store);
  }, signal);
  const weights = await dropDominatedWeights(store, spec.latency, checkpointsIn(folder, log));
  if (weights.dropped > 0) {
    const text = `--keep frontier: dropped the weights of ${weights.dropped} ${weights.dropped === 1 ? 'trial' : 'trials'}`;
    log(text);
    listen({ phase: 'prepare', text });
  }
  return weights;
}
