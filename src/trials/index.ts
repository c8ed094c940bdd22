/** Studies, trials, outcomes and the SQLite store that keeps them. Knows the space only. */
export type * from './trial.js';
export type * from './evaluator.js';
export type * from './store.js';
