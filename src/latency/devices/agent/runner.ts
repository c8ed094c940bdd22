/**
 * Process that the agent starts: holds the networks in ONNX Runtime and times them, so that a network that crashes or
 * never ends takes nothing else with it, and no request is heard in the thread that times. Its arguments are the number of
 * threads and the bytes of memory that networks may take; it speaks {@link ToRunner} and {@link FromRunner}.
 */
import { onnxruntimeVersion, openOnnx, type OnnxSession } from '../../../backends/index.js';
import { formatBytes, messageOf } from '../../../core/index.js';
import { checkModel } from '../../../onnx/index.js';
import type { FromRunner, ToRunner } from './runner-messages.js';

const threads = Number(process.argv[2] ?? 1);
const memoryBytes = Number(process.argv[3] ?? 0);
const models = new Map<string, OnnxSession>();

interface Timing {
  readonly runsMs: readonly number[];
  readonly clockStepMs: number;
}

const NOTHING_TIMED: Timing = { runsMs: [], clockStepMs: 0 };

async function answer(message: ToRunner): Promise<Timing> {
  const session = models.get(message.model);
  switch (message.kind) {
    case 'load':
      session?.dispose();
      models.delete(message.model);
      models.set(message.model, await openChecked(message.bytes));
      return NOTHING_TIMED;
    case 'time':
      if (session === undefined) throw new Error('the network is not loaded');
      return {
        runsMs: await timeFor(session, message.count, message.limitMs),
        clockStepMs: session.clockStepMs,
      };
    case 'drop':
      session?.dispose();
      models.delete(message.model);
      return NOTHING_TIMED;
  }
}

/** Share of the memory that one value of a network may take. */
const LARGEST_VALUE = 1 / 4;

/**
 * ONNX Runtime gets nothing to see but what an export of ours could be. One run shows what opening does not, an operator
 * without a kernel for instance.
 */
async function openChecked(bytes: Uint8Array): Promise<OnnxSession> {
  const problem = checkModel(bytes, { valueBytes: LARGEST_VALUE * memoryBytes });
  if (problem !== null) throw new Error(`not an ONNX file of an export of platform-nas: ${problem}`);
  // The device is there for this alone, so that threads may wait as ONNX Runtime's default lets them.
  const session = await openOnnx(bytes, { threads, spinning: true });
  try {
    await session.time(1);
    return session;
  } catch (error) {
    session.dispose();
    throw error;
  }
}

/** At most about `limitMs` of samples, going by the first; at least one. */
async function timeFor(session: OnnxSession, count: number, limitMs: number): Promise<readonly number[]> {
  const first = await session.time(1);
  const sampleMs = session.runsPerSample * (first[0] ?? 0);
  const rest = Math.min(count - 1, Math.floor(limitMs / Math.max(sampleMs, 1e-3)));
  return rest < 1 ? first : [...first, ...(await session.time(rest))];
}

/** Adds what was allowed where memory was short. */
function explained(problem: string): string {
  if (!/alloc/i.test(problem)) return problem;
  return `networks take more than the ${formatBytes(memoryBytes)} of memory that the agent gives them: ${problem}`;
}

const say = (message: FromRunner): void => void process.send?.(message);
let queue: Promise<void> = Promise.resolve();

// They reach everything in the terminal, or in the service; the agent decides.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
process.on('message', (message: ToRunner) => {
  const { call } = message;
  queue = queue
    .then(() => answer(message))
    .then(
      (timing) => say({ kind: 'done', call, ...timing }),
      (error: unknown) => say({ kind: 'refused', call, problem: explained(messageOf(error)) }),
    );
});
say(
  await onnxruntimeVersion().then(
    (version) => ({ kind: 'ready', version }) as const,
    (error: unknown) => ({ kind: 'unusable', problem: messageOf(error) }) as const,
  ),
);
