import { ms, type Ms } from '../../core/index.js';
import type { LatencyRecord } from '../schema/index.js';

/** What {@link bindingMs} reads of a latency; a record and a row's columns both have it. */
export interface Aimed {
  readonly medianMs: number;
  readonly also?: readonly { readonly medianMs: number; readonly targetMs: number }[] | null;
}

/**
 * One number for several targets: the latency on the platform that is farthest over its target, or least below it, on
 * the scale of the first platform's. At most `targetMs` exactly where every target is met; of one platform it is the
 * latency itself.
 */
export function bindingMs({ medianMs, also }: Aimed, targetMs: number): Ms {
  return ms(Math.max(medianMs, ...(also ?? []).map((one) => (one.medianMs / one.targetMs) * targetMs)));
}

/** Whether the latency is at most `targetMs`, which may be infinite, and on each further platform at most its target. */
export function meetsTargets({ medianMs, also }: Aimed, targetMs: number): boolean {
  return medianMs <= targetMs && (also ?? []).every((one) => one.medianMs <= one.targetMs);
}

/** How a latency stands to its target: by the whole 95 % interval, never by the median alone. */
export type TargetVerdict = 'meets' | 'within noise' | 'misses';

/** A latency against its target on the platform where it is worst. */
export interface AgainstTarget {
  readonly verdict: TargetVerdict;
  readonly platform: string;
  readonly targetMs: number;
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
}

/**
 * The one rule by which commands state whether a network keeps its target: an interval at most the target meets it, one
 * above it misses it, and one that straddles it is within noise. Of several platforms the worst counts.
 */
export function againstTarget(record: LatencyRecord, targetMs: number): AgainstTarget {
  const all = [{ ...record, targetMs }, ...(record.also ?? [])].map((one) => ({
    verdict: verdictOf(one),
    platform: one.platform,
    targetMs: one.targetMs,
    medianMs: one.medianMs,
    lowMs: one.lowMs,
    highMs: one.highMs,
  }));
  const rank = ({ verdict, medianMs, targetMs: own }: AgainstTarget): number =>
    VERDICTS.indexOf(verdict) * 1e6 + Math.min(1e5, medianMs / own);
  return all.reduce((worst, one) => (rank(one) > rank(worst) ? one : worst));
}

/** Best first. */
const VERDICTS: readonly TargetVerdict[] = ['meets', 'within noise', 'misses'];

function verdictOf({
  lowMs,
  highMs,
  targetMs,
}: Pick<AgainstTarget, 'lowMs' | 'highMs' | 'targetMs'>): TargetVerdict {
  if (highMs <= targetMs) return 'meets';
  return lowMs > targetMs ? 'misses' : 'within noise';
}
