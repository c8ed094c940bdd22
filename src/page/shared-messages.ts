/** From a tab to the worker that all tabs share. */
export type ToWorker = { readonly kind: 'here'; readonly token: string | null } | { readonly kind: 'gone' };

/** From the worker to each tab. */
export type FromWorker =
  | { readonly kind: 'connected'; readonly there: boolean }
  | { readonly kind: 'changed'; readonly studies: readonly string[] };

/** Address of its script, next to the page. */
export const WORKER_SCRIPT = 'events.js';
