import { heldOutLoss, type LatencyRecord, type Outcome, type Trial } from '../../trials/index.js';
import type { Finished, FinishedLatency } from '../strategies/strategy.js';

/** What a strategy gets to hear of how a trial ended. Each candidate is trained by the whole of its schedule, or not at all. */
export function finishedOf(
  { id, genome, note }: Pick<Trial, 'id' | 'genome' | 'note'>,
  outcome: Outcome,
  reward: number | null,
  targetMs: number,
): Finished {
  return {
    ...{ trial: id, genome: genome ?? [], note, reward, state: outcome.state },
    accuracy: outcome.state === 'done' ? outcome.accuracy : null,
    loss: heldOutLoss(outcome),
    latencies: latenciesOf(outcome.latency, targetMs),
    seconds: outcome.seconds,
    fidelity: outcome.state === 'done' ? 1 : null,
  };
}

function latenciesOf(latency: LatencyRecord | null, targetMs: number): readonly FinishedLatency[] {
  if (latency === null) return [];
  return [{ ...latency, targetMs }, ...(latency.also ?? [])].map(
    ({ platform, medianMs, lowMs, highMs, targetMs: own }) => ({
      ...{ platform, medianMs, lowMs, highMs },
      targetMs: own,
    }),
  );
}
