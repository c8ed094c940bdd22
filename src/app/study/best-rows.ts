import { bestUnder, deviceGroup, frontier, type TrialRow } from '../../trials/index.js';
import type { StudySpec } from './spec.js';

/** What the best is looked for within. */
export type Targets = Pick<StudySpec['latency'], 'targetMs' | 'searchFactor'>;

/** Why a trial is among the best. */
export type BestFor = 'frontier' | 'best';

/**
 * What is best on each device that the rows have latencies of: the frontier, the best within the target, and the samples
 * that NetAdapt starts from (the best within the target and within the search's, and the fastest). Retrained networks,
 * whose accuracies are of the test set, have a frontier of their own. The best of these and a further row is the best of
 * all rows and that one.
 */
export function bestRows(
  rows: Iterable<TrialRow>,
  { targetMs, searchFactor }: Targets,
): ReadonlyMap<TrialRow, ReadonlySet<BestFor>> {
  const best = new Map<TrialRow, Set<BestFor>>();
  const add = (found: readonly (TrialRow | undefined)[], reason: BestFor): void => {
    for (const row of found)
      if (row !== undefined) best.set(row, (best.get(row) ?? new Set<BestFor>()).add(reason));
  };
  const devices = new Map<string, TrialRow[]>();
  for (const row of rows) {
    const group = deviceGroup(row);
    const others = devices.get(group);
    if (others === undefined) devices.set(group, [row]);
    else others.push(row);
  }
  for (const group of devices.values()) {
    const samples = group.filter(({ kind }) => kind === 'sample');
    add([...frontier(group), ...frontier(group, { evaluationSplit: 'test' })], 'frontier');
    add([bestUnder(group, targetMs)], 'best');
    const seeds = seedsOf(samples, targetMs, searchFactor);
    add(
      seeds.filter((row) => row !== undefined && !best.has(row)),
      'best',
    );
  }
  return best;
}

/** Each call that has NetAdapt start from the best sample may mean another one; see `bestSeed`. */
function seedsOf(
  samples: readonly TrialRow[],
  targetMs: number,
  searchFactor: number,
): readonly (TrialRow | undefined)[] {
  const within = [targetMs, targetMs * searchFactor].map((limitMs) => bestUnder(samples, limitMs));
  return [...within, frontier(samples)[0]];
}
