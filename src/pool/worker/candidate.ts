import { createRng, formatMs, stopwatch, type Rng } from '../../core/index.js';
import { withEffort, type Platform, type Protocol, type Surroundings } from '../../latency/index.js';
import {
  buildNetwork,
  decodeWeights,
  encodeWeights,
  initialWeights,
  removeBlock,
  shrink,
  type Network,
  type Weights,
} from '../../network/index.js';
import { parseArchitecture } from '../../space/index.js';
import type { TrainResult } from '../../train/index.js';
import { bindingMs, type Job, type LatencyRecord, type Outcome } from '../../trials/index.js';
import type { Control } from '../engine/engine.js';
import type { KeptTraining } from './training-state.js';

/** What the path of a candidate needs; a worker's own. */
export interface CandidateParts {
  /** The network of an architecture's text. @throws NasError when the text or the task is wrong */
  network(text: string): Network;
  readonly platform: Platform;
  readonly protocol: Protocol;
  /** Of normalisation. */
  readonly epsilon: number;
  /** The job's training as an earlier attempt may have left it. */
  kept(network: Network): KeptTraining;
  train(
    network: Network,
    weights: Weights,
    job: Job,
    rng: Rng,
    control: Control,
    kept: KeptTraining,
  ): Promise<TrainResult>;
  read(checkpoint: string): Promise<Uint8Array>;
  write(checkpoint: string, bytes: Uint8Array): Promise<void>;
}

/**
 * The path of one candidate: network → start weights → timed under the timing lock, unless its latency is known → gate → trained → evaluated →
 * checkpoint. The latency is taken before training and kept: it does not depend on the weights.
 * Throws for a text, checkpoint or step that cannot be used; that fails the job only.
 */
export async function evaluateCandidate(job: Job, parts: CandidateParts, control: Control): Promise<Outcome> {
  const elapsed = stopwatch();
  const seconds = () => elapsed() / 1000;
  const stopped = (): Outcome => ({
    state: 'stopped',
    reason: STOPPED,
    latency: null,
    curve: [],
    seconds: seconds(),
  });
  control.progress({ phase: 'compiling', done: 0, loss: null, accuracy: null });
  const network = parts.network(job.text);
  const rng = createRng(job.seed);
  const weights = await startWeights(network, job, parts, rng);
  if (control.stop()) return stopped();

  const latency = job.latency ?? (await time(network, weights, job, parts, control));
  if (latency === null) return stopped();
  const binding = bindingMs(latency, job.targetMs ?? 0);
  if (job.gateMs !== null && binding > job.gateMs) {
    const reason = `${formatMs(binding)}, over the limit of ${formatMs(job.gateMs)}`;
    return { state: 'infeasible', reason, latency, seconds: seconds() };
  }

  const kept = parts.kept(network);
  const trained = await parts.train(network, weights, job, rng, control, kept);
  const { curve } = trained;
  switch (trained.state) {
    case 'stopped':
      return { state: 'stopped', reason: STOPPED, latency, curve, seconds: seconds() };
    case 'diverged':
      await kept.remove();
      return { state: 'failed', reason: `diverged: ${trained.reason}`, latency, curve, seconds: seconds() };
    case 'done': {
      const { checkpoint } = job;
      if (checkpoint !== null)
        await parts.write(checkpoint, encodeWeights(network, trained.weights, job.text));
      // After the weights are written: killed in between, the training resumes and ends the same.
      await kept.remove();
      return { state: 'done', accuracy: trained.accuracy, latency, curve, seconds: seconds(), checkpoint };
    }
  }
}

const STOPPED = 'stopped on request';

/** How a measurement hears of stops, keeps its preparation out of others' measurements and takes the lock exclusively. */
export function surroundings({ timingLock, stop }: Control): Surroundings {
  return {
    stop,
    async prepare(work) {
      timingLock.enter();
      try {
        return await work();
      } finally {
        timingLock.leave();
      }
    },
    quiet: (timing) => timingLock.exclusive(timing, stop),
  };
}

async function time(
  network: Network,
  weights: Weights,
  { timing = 'full' }: Job,
  { platform, protocol }: CandidateParts,
  control: Control,
): Promise<LatencyRecord | null> {
  control.progress({ phase: 'timing', done: 0, loss: null, accuracy: null });
  const [record] =
    (await platform.time([{ network, weights }], withEffort(protocol, timing), surroundings(control))) ?? [];
  return record ?? null;
}

async function startWeights(
  network: Network,
  { start }: Job,
  parts: Pick<CandidateParts, 'read' | 'epsilon'>,
  rng: Rng,
): Promise<Weights> {
  if (start.kind === 'random') return initialWeights(network, rng.fork('init'));
  const whole = buildNetwork(parseArchitecture(start.text));
  const read = decodeWeights(await parts.read(start.checkpoint), whole);
  const { criterion, text, without } = start;
  const { epsilon } = parts;
  const { network: from, weights } =
    without === undefined ? { network: whole, weights: read } : removeBlock(text, read, without);
  return shrink({ from, weights, to: network, rng: rng.fork('surgery'), criterion, epsilon });
}
