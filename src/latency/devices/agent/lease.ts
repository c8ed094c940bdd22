/**
 * Whose turn it is. Bursts of one client follow each other undisturbed; another client waits until the first gives its
 * lease back or is not heard of for a while.
 */
export interface Lease {
  /** Takes or renews it; false when another holds it. */
  take(session: string): boolean;
  /** Gives it back, if it is that session's. */
  release(session: string): void;
  holder(): string | null;
}

/** @param elapsedMs a watch, in ms */
export function createLease(idleMs: number, elapsedMs: () => number): Lease {
  let held: { readonly session: string; readonly until: number } | null = null;
  const current = () => (held !== null && elapsedMs() < held.until ? held.session : null);
  return {
    take(session) {
      const holder = current();
      if (holder !== null && holder !== session) return false;
      held = { session, until: elapsedMs() + idleMs };
      return true;
    },
    release(session) {
      if (held?.session === session) held = null;
    },
    holder: current,
  };
}
