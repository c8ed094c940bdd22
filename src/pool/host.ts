import { loadData } from '../data/index.js';
import { NasError, isNasError, stopwatch } from '../core/index.js';
import { HungError, openWorkerPool, type WorkerPool } from './worker/worker-pool.js';
import { toHostSchema, type FromHost, type ToHost } from './messages.js';
import { serializeError } from './serialized-error.js';
import { checkHostSpec } from './spec.js';

/**
 * Entry of the evaluator host, a separate process, so that no crash of native code costs a search.
 * The environment was set before it started. Its main thread only passes messages on; workers do the work.
 */
let workerPool: WorkerPool | undefined;
/** Milliseconds between two messages that data is still being read. */
const LOADING_MS = 1000;

// They reach everything in the terminal, or in the service; what is to be done about them the controller says.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
// Without its controller it has no purpose. A thread may sit in native code, so nothing gentler is immediate.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (raw) => {
  const message = toHostSchema.parse(raw);
  if (message.kind === 'open') void open(message.spec);
  else handle(message);
});

async function open(raw: unknown): Promise<void> {
  try {
    const spec = checkHostSpec(raw);
    if (spec.backend.kind === 'fake') await misbehave(spec.backend.startUp);
    const data =
      spec.backend.kind === 'fake' ? null : await loadData(spec.data, atIntervals(LOADING_MS, loading));
    workerPool = await openWorkerPool(spec, data, {
      progress: (id, progress) => send({ kind: 'progress', id, progress }),
      alive: (id) => send({ kind: 'alive', id }),
    });
    send({ kind: 'ready', ...workerPool.devices });
  } catch (error) {
    if (!isNasError(error)) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    send({ kind: 'error', serializedError: serializeError(error, 'NAS_HOST_START') });
  }
}

function handle(message: Exclude<ToHost, { kind: 'open' }>): void {
  if (workerPool === undefined) throw new Error(`${message.kind} before the host was ready`);
  const team = workerPool;
  switch (message.kind) {
    case 'evaluate': {
      const { id, attempt, job } = message;
      team.evaluate(id, attempt, job).then(
        ({ outcome, hung }) => send({ kind: 'outcome', id, outcome, hung, tainted: team.tainted }),
        (error: unknown) =>
          send({
            kind: 'unevaluated',
            id,
            serializedError: serializeError(error, 'NAS_BUG'),
            tainted: team.tainted,
          }),
      );
      return;
    }
    case 'measure': {
      const { id, attempt, texts, effort } = message;
      team.measure(id, attempt, texts, effort).then(
        (records) => send({ kind: 'measured', id, records, tainted: team.tainted }),
        (error: unknown) =>
          send({
            ...{ kind: 'unmeasured', id, serializedError: serializeError(error, 'NAS_MEASUREMENT') },
            ...{ hung: error instanceof HungError, tainted: team.tainted },
          }),
      );
      return;
    }
    case 'stop':
      return team.stop(message.id, message.reason);
    case 'close':
      void team.close().then(() => process.exit(0));
  }
}

function loading(): void {
  send({ kind: 'loading' });
}

/** The function, called at most so often. */
function atIntervals(ms: number, call: () => void): () => void {
  let elapsed = stopwatch();
  return () => {
    if (elapsed() < ms) return;
    elapsed = stopwatch();
    call();
  };
}

function send(message: FromHost): void {
  if (process.connected) process.send?.(message);
}

/** The test double's scripted start. */
function misbehave(startUp: 'well' | 'exit' | 'error'): Promise<void> {
  if (startUp === 'error')
    throw new NasError({ code: 'NAS_SCRIPTED', found: 'a scripted error', fix: 'choose another script' });
  if (startUp === 'well') return Promise.resolve();
  process.stderr.write('scripted last words\n', () => process.exit(3));
  return new Promise(() => undefined);
}
