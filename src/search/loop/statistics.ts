import type { Pause } from '../../core/index.js';
import { eachRow, isTimedAgain, type TrialRow, type TrialStore } from '../../trials/index.js';

/** What is known of a study's finished candidates: counts, extremes and pace. */
export interface SearchStatistics {
  add(row: TrialRow): void;
  count(state: 'done' | 'infeasible' | 'failed'): number;
  /** Candidates that ended by themselves: all finished ones but the stopped. */
  finished(): number;
  /** Lowest accuracy of a done one. */
  lowest(): number | undefined;
  /** Least latency of any that was timed, in ms. */
  fastestMs(): number | undefined;
  lastFailure(): string | undefined;
  /** Mean seconds of one done candidate; what was expected while there is none. */
  pace(): number | null;
}

/** The statistics of what the store holds, kept up to date by `add`. A candidate timed again on another device counts once. */
export async function createSearchStatistics(
  store: TrialStore,
  expectedSeconds: number | null,
  pause: Pause,
  onRow: (row: TrialRow) => void,
): Promise<SearchStatistics> {
  const counts = { done: 0, infeasible: 0, failed: 0, stopped: 0 };
  let lowest: number | undefined;
  let fastest: number | undefined;
  let failure: string | undefined;
  let seconds = 0;
  const statistics: SearchStatistics = {
    add(row) {
      if (row.state === 'running') return;
      counts[row.state]++;
      if (row.state === 'done') seconds += row.seconds ?? 0;
      if (row.state === 'failed') failure = row.reason ?? undefined;
      if (row.accuracy !== null) lowest = Math.min(lowest ?? row.accuracy, row.accuracy);
      if (row.latencyMs !== null) fastest = Math.min(fastest ?? row.latencyMs, row.latencyMs);
      onRow(row);
    },
    count: (state) => counts[state],
    finished: () => counts.done + counts.infeasible + counts.failed,
    lowest: () => lowest,
    fastestMs: () => fastest,
    lastFailure: () => failure,
    pace: () => (counts.done > 0 ? seconds / counts.done : expectedSeconds),
  };
  const addSampled = (row: TrialRow): void => {
    if (!isTimedAgain(row)) statistics.add(row);
  };
  await eachRow(store, { kinds: ['sample'] }, addSampled, pause);
  return statistics;
}
