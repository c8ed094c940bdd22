import { createHash } from 'node:crypto';
import { formatBytes, stopwatch } from '../../../core/index.js';
import { createLease } from './lease.js';
import { createModels } from './models.js';
import type { Outcome, Runner } from './runner-process.js';
import type { Body } from './body.js';
import { oneLine } from './wire.js';

export interface WorkLimits {
  /** Bytes of one model. */
  readonly modelBytes: number;
  /** Models held at the same time, and bytes of all. */
  readonly models: number;
  readonly allBytes: number;
  /** A client not heard of for so long loses its turn, ms. */
  readonly leaseMs: number;
  /** A model unused for so long is dropped, ms. */
  readonly idleMs: number;
}

/** An answer: a status and what stands in its body. */
export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Seconds after which asking again makes sense. */
  readonly retryAfter?: number;
}

const done = (body: Reply['body'] = {}): Reply => ({ status: 200, body });
export const problem = (status: number, error: string, retryAfter?: number): Reply => ({
  status,
  body: { error: oneLine(error) },
  ...(retryAfter === undefined ? {} : { retryAfter }),
});
const BUSY = (what: string) => problem(409, what, 1);

/**
 * What the agent does, without HTTP: one thing at a time, for one client after the other.
 * @param device digest of the device, in every answer with times
 * @param onTurn called with the address of a client that takes its turn
 */
export function createWork(
  runner: Runner,
  limits: WorkLimits,
  device: string,
  onTurn: (from: string) => void,
) {
  const elapsedMs = stopwatch();
  const lease = createLease(limits.leaseMs, elapsedMs);
  const models = createModels(
    { most: limits.models, bytes: limits.allBytes, idleMs: limits.idleMs },
    runner.generation,
    elapsedMs,
  );
  let busy = false;

  /** Runs `job` unless another client has its turn or something is being timed. */
  async function alone(session: string, job: () => Promise<Reply>): Promise<Reply> {
    if (!lease.take(session)) return BUSY("another client's turn");
    if (busy) return BUSY('a measurement is running');
    busy = true;
    try {
      return await job();
    } finally {
      busy = false;
      if (lease.holder() === session) lease.take(session);
    }
  }

  async function load(model: string, bytes: Buffer, session: string): Promise<Reply> {
    if (bytes.length === 0) return problem(400, 'an empty body; expected the bytes of an ONNX file');
    if (createHash('sha256').update(bytes).digest('hex') !== model)
      return problem(400, "the body's SHA-256 is not the one in the address");
    const going = models.makeRoom(bytes.length, session);
    if (going === null)
      return problem(
        507,
        `no room: at most ${limits.models} models of ${formatBytes(limits.allBytes)} together`,
      );
    for (const other of going) {
      models.remove(other);
      await runner.drop(other);
    }
    const outcome = await runner.load(model, bytes);
    if (outcome.state === 'done') models.add(model, bytes.length, session);
    return replyOf(outcome, () => done());
  }

  return {
    /** Takes or renews the client's turn. */
    lease(session: string, from: string): Reply {
      const before = lease.holder();
      if (!lease.take(session)) return BUSY("another client's turn");
      if (before !== session) onTurn(from);
      return done();
    },
    release(session: string): Reply {
      lease.release(session);
      return done();
    },
    /** @param read reads the request's body, at most {@link WorkLimits.modelBytes} */
    put: (model: string, session: string, read: () => Promise<Body>): Promise<Reply> =>
      alone(session, async () => {
        const body = await read();
        if ('problem' in body)
          return body.problem === 'too large'
            ? problem(413, `a model larger than ${formatBytes(limits.modelBytes)}`)
            : problem(400, 'the body broke off');
        return models.touch(model, session) ? done() : load(model, body.bytes, session);
      }),
    run: (model: string, session: string, count: number): Promise<Reply> =>
      alone(session, async () => {
        if (!models.touch(model, session)) return problem(404, 'no such model; it may have been dropped');
        const outcome = await runner.time(model, count);
        models.touch(model, session);
        // It ran when it was loaded, so that something else may have ended the process: worth another try.
        if (outcome.state === 'lost') return problem(410, outcome.problem);
        return replyOf(outcome, ({ runsMs, clockStepMs }) =>
          done({ runsMs, device, ...(clockStepMs > 0 ? { clockStepMs } : {}) }),
        );
      }),
    remove: (model: string, session: string): Promise<Reply> =>
      alone(session, async () => {
        if (!models.has(model)) return done();
        models.remove(model);
        return replyOf(await runner.drop(model), () => done());
      }),
    /** Drops what is unused; called now and then. */
    async tidy(): Promise<void> {
      if (busy) return;
      busy = true;
      try {
        for (const model of models.idle()) {
          models.remove(model);
          await runner.drop(model);
        }
      } finally {
        busy = false;
      }
    },
  };
}
export type Work = ReturnType<typeof createWork>;

function replyOf(outcome: Outcome, then: (done: Extract<Outcome, { state: 'done' }>) => Reply): Reply {
  return outcome.state === 'done' ? then(outcome) : problem(422, outcome.problem);
}
