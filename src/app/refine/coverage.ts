import { withPauses } from '../../core/index.js';
import { narrowedTo, narrowest, type NetAdaptSettings } from '../../netadapt/index.js';
import { costsOf, type Architecture } from '../../space/index.js';
import { tableWarnings } from '../search/table-coverage.js';
import type { StudySpec } from '../study/spec.js';

/** Shares of the seed's widths that are tried. */
const SHARES = Object.freeze(Array.from({ length: 15 }, (_, i) => (15 - i) / 16));

export interface Shrinking {
  /** A message names it so. */
  readonly what: string;
  readonly seed: Architecture;
  /** Latency to reach, as a share of the seed's; null where the seed's is not known. */
  readonly share: number | null;
  readonly settings: Pick<NetAdaptSettings, 'granularity' | 'kinds'>;
}

/**
 * Holds the tables of a study against the networks that NetAdapt goes through: the seed, and the seed scaled until its
 * multiply-adds have dropped by as much as its latency must. A table of a space covers next to nothing of the narrowest
 * network, which few targets need, so that one is only warned of.
 * @returns warnings, none for tables that cover them
 * @throws NasError `NAS_TABLE_RANGE` where less than half of the seed or the scaled seed is covered, unless extrapolation
 *   is allowed
 */
export async function shrinkingWarnings(
  latency: StudySpec['latency'],
  { what, seed, share, settings }: Shrinking,
): Promise<readonly string[]> {
  const warnings = [...tableWarnings(latency, [seed], what)];
  if (share !== null && share < 1) {
    const scaled = await scaledTo(seed, share, settings);
    warnings.push(...tableWarnings(latency, [scaled], `${what} scaled to the target`));
  }
  if (warnings.length > 0) return warnings.slice(-1);
  const least = await withPauses(narrowest(seed, settings));
  return tableWarnings(latency, [least], `${what} at its narrowest`, true);
}

/** The widest whose multiply-adds are at most a share of the seed's, or the narrowest. */
async function scaledTo(
  seed: Architecture,
  share: number,
  settings: Shrinking['settings'],
): Promise<Architecture> {
  const most = share * costsOf(seed).madds;
  for (const widths of SHARES) {
    const scaled = await withPauses(narrowedTo(seed, widths, settings));
    if (costsOf(scaled).madds <= most) return scaled;
  }
  return withPauses(narrowest(seed, settings));
}
