/**
 * Many machines: the controller's side of a job queue, which offers what a local pool offers, and the side of a worker,
 * which feeds its own evaluator host from it. The queue is transport, not the record: the controller alone writes the
 * study. BullMQ is the engine; weights and training states travel through an artifact store.
 */
export { artifactStore } from './artifacts/address.js';
export type { ArtifactStore } from './artifacts/store.js';
export { connectQueue } from './connection/connect.js';
export { parseQueueUrl, type QueueAddress } from './connection/url.js';
export { openQueuePool } from './controller/open-queue-pool.js';
export { listWorkers, type LiveWorker } from './registry/list-workers.js';
export { placedSpec, type WorkerPlaces } from './wire/portable-spec.js';
export type { StudyRecord } from './wire/messages.js';
export type { OpenHost } from './worker/open-host.js';
export { serveQueue } from './worker/serve.js';
