import { readController, type TrialReader, type TrialRow } from '../../trials/index.js';
import type { ControllerView, LearnedFrom } from './view.js';

/** Of the largest possible entropy: below, nearly every choice has one option left. */
const NEAR_ZERO = 0.05;

/** The series that the search noted; null for a strategy that has no probabilities. */
export function controllerView(reader: TrialReader, rows: readonly TrialRow[]): ControllerView | null {
  const history = readController(reader);
  if (history === undefined) return null;
  const reported = history.snapshots.map((snapshot) => snapshot.reported);
  const probabilities = history.snapshots.map((snapshot) => snapshot.probabilities);
  const entropy = probabilities.map(entropyOf);
  const collapsedAt = collapseOf(entropy, reported);
  return {
    choices: history.choices,
    ...{ reported, probabilities, entropy, collapsedAt },
    learned: learnedFrom(rows, collapsedAt ?? reported.at(-1) ?? 0),
  };
}

/** Mean over the choices with several options of H(p) / ln(options); 1 where there is none such. */
export function entropyOf(probabilities: readonly (readonly number[])[]): number {
  const several = probabilities.filter((options) => options.length > 1);
  if (several.length === 0) return 1;
  const shares = several.map((options) => {
    const entropy = options.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
    return entropy / Math.log(options.length);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** The first moment from which on the entropy stayed near zero. */
function collapseOf(entropy: readonly number[], reported: readonly number[]): number | null {
  const alive = entropy.findLastIndex((share) => share >= NEAR_ZERO);
  return reported[alive + 1] ?? null;
}

/** The first `reported` candidates in the order in which they ended; stopped and failed ones teach nothing. */
function learnedFrom(rows: readonly TrialRow[], reported: number): LearnedFrom {
  const ended = rows
    .filter(({ kind, state }) => kind === 'sample' && state !== 'running')
    .sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0) || a.trial - b.trial)
    .slice(0, reported);
  const slow = ended.filter(({ state }) => state === 'infeasible');
  const timed = slow.filter(({ latencySource }) => latencySource === 'measured').length;
  return {
    trained: ended.filter(({ state }) => state === 'done').length,
    timed,
    predicted: slow.length - timed,
  };
}
