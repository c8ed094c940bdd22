import type { RefineEvent } from '../netadapt/index.js';
import type { SearchEvent } from '../search/index.js';
import type { Progress, Trial } from '../trials/index.js';

/** What the app reports while it works, for display. */
export type AppEvent =
  | { readonly phase: 'prepare'; readonly text: string }
  | { readonly phase: 'search'; readonly event: SearchEvent }
  | { readonly phase: 'refine'; readonly event: RefineEvent }
  | { readonly phase: 'finalists'; readonly progress: Progress }
  | ({ readonly phase: 'proxy check' } & ProxyCheckEvent)
  | { readonly phase: 'retrain'; readonly trial: number; readonly progress: Progress }
  | { readonly phase: 'export'; readonly text: string };

/** A training of a proxy check progresses, or ended; `done` of `count` have ended. */
export type ProxyCheckEvent = { readonly done: number; readonly count: number } & (
  { readonly progress: Progress } | { readonly finished: Trial }
);

export type Listener = (event: AppEvent) => void;
