/**
 * The evaluator: a host process with worker threads that train and time candidates, and the controller's side of it,
 * which keeps a host up, retries what a dead one lost and gives up on what kills hosts.
 */
export { isStalePartial, sweepCheckpoints, writeCheckpoint } from './worker/checkpoint.js';
export { diskSpaceCheck } from './disk-space.js';
export { removeTrainingState, trainingStateName } from './worker/training-state.js';
export { startPool, type Pool, type PoolOptions } from './pool.js';
export type { HostSpec, HostSpecInput } from './spec.js';
export type { FakeBackendSpec, FakeFault } from './engine/fake-spec.js';
