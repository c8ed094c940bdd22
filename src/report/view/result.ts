import { bestUnder, bindingMs, type TrialRow } from '../../trials/index.js';

/** What a study has come to: a retrained network, evaluated on the test set. */
export interface FinalResult {
  readonly row: TrialRow;
  /** Whether its latency is at most the target on every platform. */
  readonly meets: boolean;
}

/**
 * The network that `nas export --best` takes where one was retrained: the most accurate that meets the targets, else the
 * latest; null where none was retrained to the end.
 */
export function finalResult(rows: readonly TrialRow[], targetMs: number): FinalResult | null {
  const best = bestUnder(rows, targetMs, { evaluationSplit: 'test' });
  if (best !== undefined) return { row: best, meets: true };
  const row = rows.findLast(({ kind, state }) => kind === 'retrain' && state === 'done');
  if (row === undefined) return null;
  const { latencyMs, also } = row;
  return {
    row,
    meets: latencyMs !== null && bindingMs({ medianMs: latencyMs, also }, targetMs) <= targetMs,
  };
}
