import { ms, type Ms } from '../core/index.js';

/** What {@link tightestMs} reads of a latency; a record and a row's columns both have it. */
export interface Aimed {
  readonly medianMs: number;
  readonly also?: readonly { readonly medianMs: number; readonly targetMs: number }[] | null;
}

/**
 * One number for several targets: the latency on the platform that is farthest over its target, or least below it, on
 * the scale of the first platform's. At most `targetMs` exactly where every target is met; of one platform it is the
 * latency itself.
 */
export function tightestMs({ medianMs, also }: Aimed, targetMs: number): Ms {
  return ms(Math.max(medianMs, ...(also ?? []).map((one) => (one.medianMs / one.targetMs) * targetMs)));
}

/** Whether the latency is at most `targetMs`, which may be infinite, and on each further platform at most its target. */
export function meetsTargets({ medianMs, also }: Aimed, targetMs: number): boolean {
  return medianMs <= targetMs && (also ?? []).every((one) => one.medianMs <= one.targetMs);
}
