import type { Genome, SearchSpace } from '../../../space/index.js';

/** A genome as small whole numbers that a tree can split by. */
export interface Features {
  readonly count: number;
  /** @param latency as a share of its target; null where unknown */
  of(genome: Genome, latency: number | null): Uint8Array;
}

/**
 * Which option each choice has, one-hot; the place of the option in its choice, where there are more than two (widths and
 * depths are listed by size); and how often each option occurs among all choices of the same options ("GRAF", 2404.16551, §3: such
 * counts say more than an encoding does); and the latency in hundredths of the target.
 */
export function featuresOf({ choices }: SearchSpace): Features {
  const byOptions = new Map<string, number[]>();
  for (const [i, { options }] of choices.entries()) {
    const key = JSON.stringify(options);
    byOptions.set(key, [...(byOptions.get(key) ?? []), i]);
  }
  const groups = [...byOptions.values()].filter((group) => group.length > 1);
  let count = 0;
  const place = (length: number): number => (count += length) - length;
  const oneHot = choices.map(({ options }) => place(options.length));
  const ordinal = choices.map(({ options }) => (options.length > 2 ? place(1) : -1));
  const counts = groups.map((group) => place(choices[group[0] ?? 0]?.options.length ?? 0));
  const timed = place(1);
  return {
    count,
    of(genome, latency) {
      const row = new Uint8Array(count);
      for (const [i, gene] of genome.entries()) {
        row[(oneHot[i] as number) + gene] = 1;
        const at = ordinal[i] as number;
        if (at >= 0) row[at] = Math.min(gene, MOST);
      }
      for (const [g, group] of groups.entries()) {
        for (const i of group) {
          const at = (counts[g] as number) + (genome[i] as number);
          row[at] = Math.min((row[at] as number) + 1, MOST);
        }
      }
      row[timed] = Math.min(Math.round(100 * (latency ?? 1)), MOST);
      return row;
    },
  };
}

/** Greatest value of a feature; what would be more is cut to it. */
const MOST = 255;
