import type { Choice, Genome } from '../../space/index.js';
import type { TrialRow } from '../../trials/index.js';
import { studentT } from './student.js';
import type { ChoiceImportance } from './view.js';

/** Sums over the trials that took one option. */
interface Tally {
  trials: number;
  mean: number;
  /** Sum of squared distances from the mean (Welford 1962). */
  squares: number;
  latency: number;
  timed: number;
}

/**
 * What each choice does to accuracy and latency on average over the sampled trials that were trained, most important
 * first. Importance is the share of the variance of accuracy that the option explains: ε² of a one-way analysis of
 * variance (Kelley 1935), which is η² less what that number of options would explain by chance; at least 0.
 * @param genomes by trial
 * @param choices in the order of genomes
 * @param front the study's frontier: latencies of its device and source only are averaged
 */
export function choiceImportances(
  rows: readonly TrialRow[],
  genomes: ReadonlyMap<number, Genome>,
  choices: readonly Choice[],
  front: readonly TrialRow[],
): readonly ChoiceImportance[] {
  const device = front[0];
  const tallies = choices.map(({ options }) => options.map(emptyTally));
  const all = emptyTally();
  for (const { trial, kind, state, accuracy, latencyMs, latencySource, fingerprint } of rows) {
    if (kind !== 'sample' || state !== 'done' || accuracy === null) continue;
    const genome = genomes.get(trial);
    if (genome?.length !== choices.length) continue;
    const comparable = fingerprint === device?.fingerprint && latencySource === device.latencySource;
    const timed = comparable ? latencyMs : null;
    add(all, accuracy, timed);
    for (let at = 0; at < genome.length; at++) {
      const tally = tallies[at]?.[genome[at] as number];
      if (tally !== undefined) add(tally, accuracy, timed);
    }
  }
  if (all.trials === 0) return [];
  return choices
    .map(({ name, options }, at): ChoiceImportance => {
      const own = tallies[at] as Tally[];
      return {
        choice: name,
        ...importanceOf(own, all),
        options: options.map((option, gene) => ({ option: String(option), ...meansOf(own[gene] as Tally) })),
      };
    })
    .sort((a, b) => b.importance - a.importance);
}

function emptyTally(): Tally {
  return { trials: 0, mean: 0, squares: 0, latency: 0, timed: 0 };
}

function add(tally: Tally, accuracy: number, latencyMs: number | null): void {
  tally.trials++;
  const before = accuracy - tally.mean;
  tally.mean += before / tally.trials;
  tally.squares += before * (accuracy - tally.mean);
  if (latencyMs === null) return;
  tally.timed++;
  tally.latency += latencyMs;
}

function importanceOf(
  options: readonly Tally[],
  all: Tally,
): Pick<ChoiceImportance, 'importance' | 'standing'> {
  const taken = options.filter((option) => option.trials > 0);
  if (taken.length < 2) return { importance: 0, standing: 'never varied' };
  const free = all.trials - taken.length;
  if (free < 1 || !(all.squares > 0)) return { importance: 0, standing: 'within chance' };
  const within = taken.reduce((sum, option) => sum + option.squares, 0);
  const explained = 1 - (within / free) * ((all.trials - 1) / all.squares);
  const importance = Math.min(1, Math.max(0, explained));
  const standing = importance > 2 * chanceOf(taken.length, all.trials) ? 'measurable' : 'within chance';
  return { importance, standing };
}

/** Standard deviation of ε² where options mean nothing: η² is then Beta((k − 1) / 2, (n − k) / 2). */
function chanceOf(options: number, trials: number): number {
  const [a, b] = [(options - 1) / 2, (trials - options) / 2];
  const deviation = Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1)));
  return (deviation * (trials - 1)) / (trials - options);
}

function meansOf({ trials, mean, squares, latency, timed }: Tally) {
  const deviation = Math.sqrt(squares / (trials - 1));
  return {
    trials,
    accuracy: trials === 0 ? null : mean,
    accuracyHalf: trials < 2 ? null : (studentT(trials - 1) * deviation) / Math.sqrt(trials),
    latencyMs: timed === 0 ? null : latency / timed,
  };
}
