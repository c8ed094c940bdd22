/**
 * The evaluator: a host process with worker threads that train and time candidates, and the controller's side of it,
 * which keeps a host up, retries what a dead one lost and gives up on what kills hosts.
 */
export { isStalePartial, readCheckpoint, sweepCheckpoints, writeCheckpoint } from './worker/checkpoint.js';
export { diskSpaceCheck } from './disk-space.js';
export { removeTrainingState, trainingStateName } from './worker/training-state.js';
export { startPool, type Pool, type PoolOptions } from './pool.js';
export { checkHostSpec, hostSpecSchema, type HostSpec, type HostSpecInput } from './spec.js';
export { serializedErrorSchema, type SerializedError } from './messages.js';
export { deserializeError, serializeError } from './serialized-error.js';
export type { Devices } from './engine/engine.js';
export { latenciesOf, noiseWatch } from './worker/noise.js';
export { reasonOf } from './worker/work.js';
export type { FakeBackendSpec, FakeFault } from './engine/fake-spec.js';
export { withSignals } from './with-signals.js';
