import { createRng, digest, ms, NasError, ratio, stopwatch, type Rng } from '../../core/index.js';
import { latencyRecord, timeInterleaved, type Fingerprint, type Protocol } from '../../latency/index.js';
import { buildNetwork, encodeWeights, initialWeights } from '../../network/index.js';
import { maddsOf, parseArchitecture } from '../../space/index.js';
import {
  bindingMs,
  type CurvePoint,
  type Job,
  type LatencyRecord,
  type Outcome,
} from '../../trials/index.js';
import { readCheckpoint, writeCheckpoint } from '../worker/checkpoint.js';
import type { Control, Engine } from './engine.js';
import type { FakeBackendSpec, FakeFault } from './fake-spec.js';
import type { HostSpec } from '../spec.js';

/** What one timed run of the double takes at most, ms. */
const RUN_MS = 50;

export interface FakeEngineOptions {
  readonly spec: FakeBackendSpec;
  readonly batch: number;
  readonly also: HostSpec['latency']['also'];
  readonly protocol: Protocol;
  readonly checkpoints: string;
  /** Ends the process as a crash would, after these words on its stderr. */
  readonly kill: (reason: string) => void;
}

/** The device that the test double times on. */
export function fakeFingerprint(batch: number): Fingerprint {
  return {
    platform: 'fake',
    batch,
    backend: 'fake',
    device: 'cpu',
    deviceName: 'test double',
    threads: 1,
    versions: {},
    cpu: 'none',
    cores: 1,
    os: 'none',
  };
}

/** The test double of {@link FakeBackendSpec}: a job's outcome depends on its text, start and plan only. */
export function fakeEngine(options: FakeEngineOptions): Engine {
  const { spec, batch, also, protocol, checkpoints } = options;
  const fingerprint = fakeFingerprint(batch);
  const faultOf = (trial: number, attempt: number): FakeFault['kind'] | undefined =>
    spec.faults.find((one) => (one.trials?.includes(trial) ?? true) && attempt <= one.attempts)?.kind;

  async function time(texts: readonly string[], control: Control): Promise<readonly LatencyRecord[] | null> {
    const programs = texts.map((text) => fakeTimer(text, batch, spec.maddsPerMs));
    const session = await control.timingLock.exclusive(() => {
      for (let left = spec.timingMs; left > 0; left -= RUN_MS) {
        pause(Math.min(left, RUN_MS));
        control.alive();
      }
      return timeInterleaved(programs, protocol, { stop: control.stop });
    }, control.stop);
    return session?.networks.map((one) => withFurther(latencyRecord(one, fingerprint), also)) ?? null;
  }

  return {
    warmUp: () => Promise.resolve({ fingerprint, further: also.map(() => fingerprint) }),
    measure: (texts, attempt, control) => {
      const fault = faultOf(0, attempt);
      if (fault === 'crash') options.kill('');
      if (fault === 'error') return Promise.reject(scriptedError());
      return time(texts, control);
    },
    async evaluate(job, attempt, control) {
      const elapsed = stopwatch();
      const architecture = parseArchitecture(job.text);
      if (job.start.kind === 'surgery') await readCheckpoint(checkpoints, job.start.checkpoint);
      control.progress({ phase: 'timing', done: 0, loss: null, accuracy: null });
      const latency = job.latency ?? (await time([job.text], control))?.[0] ?? null;
      const curve: CurvePoint[] = [];
      const facts = () => ({ latency, curve, seconds: elapsed() / 1000 });
      if (latency === null) return { state: 'stopped', reason: '', ...facts() };
      if (job.gateMs !== null && bindingMs(latency, job.targetMs ?? 0) > job.gateMs)
        return { state: 'infeasible', reason: 'over the limit', latency, seconds: elapsed() / 1000 };

      const fault = faultOf(job.trial, attempt);
      const steps = job.plan.maxSteps ?? Math.ceil(job.plan.epochs * spec.steps);
      for (let step = 1; step <= steps; step++) {
        if (control.stop()) return { state: 'stopped', reason: '', ...facts() };
        control.timingLock.enter();
        try {
          if (fault !== undefined && step >= steps / 2) strike(fault, options.kill);
          pause(spec.stepMs);
        } finally {
          control.timingLock.leave();
        }
        const loss = fault === 'diverge' ? Number.NaN : 2 / (1 + step);
        curve.push({
          epoch: step / spec.steps,
          step,
          loss,
          trainAccuracy: 0.5,
          accuracy: null,
          seconds: elapsed() / 1000,
        });
        control.progress({ phase: 'training', done: step / steps, loss, accuracy: null });
        if (fault === 'diverge') return { state: 'failed', reason: 'diverged: the loss is NaN', ...facts() };
      }
      if (job.checkpoint !== null) {
        const network = buildNetwork(architecture);
        const weights = initialWeights(network, createRng(job.seed));
        await writeCheckpoint(checkpoints, job.checkpoint, encodeWeights(network, weights, job.text));
      }
      const accuracy = ratio(fakeAccuracy(job));
      return { state: 'done', accuracy, checkpoint: job.checkpoint, ...facts(), latency } satisfies Outcome;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** On the n-th further platform each network takes n + 1 times as long. */
function withFurther(record: LatencyRecord, also: FakeEngineOptions['also']): LatencyRecord {
  if (also.length === 0) return record;
  return {
    ...record,
    also: also.map(({ platform, targetMs }, i) => ({
      ...record,
      platform,
      targetMs,
      medianMs: ms(record.medianMs * (i + 2)),
      lowMs: record.lowMs * (i + 2),
      highMs: record.highMs * (i + 2),
    })),
  };
}

function strike(fault: FakeFault['kind'], kill: FakeEngineOptions['kill']): void {
  switch (fault) {
    case 'crash':
      kill('');
      return pause(10_000);
    case 'abort':
      kill('terminate called: std::bad_alloc\n');
      return pause(10_000);
    case 'hang':
      return pause(Infinity);
    case 'throw':
      throw new Error('a scripted error');
    case 'error':
      throw scriptedError();
    case 'memory':
      throw new Error('OOM when allocating tensor with shape[64,960,7,7]');
    case 'nospace':
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    case 'diverge':
      return;
  }
}

function scriptedError(): NasError {
  return new NasError({
    code: 'NAS_SCRIPTED',
    found: 'a scripted error',
    expected: 'another script',
    fix: 'choose one',
  });
}

/** Multiply-adds at a fixed rate and 0.05 ms for the start; each run 1 % off either way, by the text's digest. */
function fakeTimer(text: string, batch: number, maddsPerMs: number) {
  const centre = 0.05 + (batch * maddsOf(parseArchitecture(text))) / maddsPerMs;
  const rng = noise(text);
  return {
    time: (count: number) =>
      Array.from({ length: count }, () => ms(centre * (1 + 0.01 * (2 * rng.uniform() - 1)))),
  };
}

/** Grows with the multiply-adds and the epochs, each with less and less gain; 1 % up or down by the text's digest. */
function fakeAccuracy({ text, plan, start }: Job): number {
  const size = Math.log10(1 + maddsOf(parseArchitecture(text)));
  const epochs = plan.epochs + (start.kind === 'surgery' ? 2 : 0);
  const learnt = (1 - Math.exp(-size / 4)) * (1 - 0.3 * Math.exp(-epochs));
  return Math.min(1, Math.max(0, learnt + 0.01 * (2 * noise(text).uniform() - 1)));
}

function noise(text: string): Rng {
  return createRng(digest(text));
}

function pause(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
