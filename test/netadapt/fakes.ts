import { createRng, ms, ratio } from '../../src/core/index.js';
import {
  layersOf,
  paramsOf,
  parseArchitecture,
  presetArchitecture,
  formatArchitecture,
} from '../../src/space/index.js';
import {
  createMemoryStore,
  type Evaluator,
  type Job,
  type LatencyMeter,
  type LatencyRecord,
  type Trial,
  type TrialStore,
} from '../../src/trials/index.js';
import { DEFAULT_SETTINGS, type NetAdaptSettings, type RefineOptions } from '../../src/netadapt/index.js';

/** Latency as a device might have it: a fixed cost per operation and one per multiply-add; ms. */
export function trueLatency(text: string): number {
  const known = latencies.get(text);
  if (known !== undefined) return known;
  let total = 0;
  for (const layer of layersOf(parseArchitecture(text))) total += 0.004 + layer.madds * 1e-6;
  latencies.set(text, total);
  return total;
}
const latencies = new Map<string, number>();

export function record(medianMs: number, halfWidthMs: number): LatencyRecord {
  return {
    source: 'measured',
    platform: 'fake',
    medianMs: ms(medianMs),
    madMs: halfWidthMs / 2,
    p90Ms: ms(medianMs + 2 * halfWidthMs),
    lowMs: medianMs - halfWidthMs,
    highMs: medianMs + halfWidthMs,
    runs: 5,
    batch: 1,
    fingerprint: 'fake',
    samplesMs: [medianMs],
  };
}

export interface FakeMeter extends LatencyMeter {
  readonly sessions: (readonly string[])[];
}

/**
 * `noise`: relative deviation of a measured median; the interval is two of it to each side. Each session drifts as a
 * whole by up to `drift`. Noise depends on seed and text only, so that a resumed run measures the same.
 */
export function fakeMeter(seed: number, noise = 0.002, drift = 0): FakeMeter {
  const sessions: (readonly string[])[] = [];
  return {
    sessions,
    measure(texts, signal) {
      signal.throwIfAborted();
      sessions.push(texts);
      const slow = 1 + drift * createRng(seed).fork('drift').fork(texts.join('|')).uniform();
      return Promise.resolve(
        texts.map((text) => {
          const true_ = trueLatency(text) * slow;
          const error = noise * createRng(seed).fork(text).normal();
          return record(true_ * (1 + error), 2 * noise * true_);
        }),
      );
    },
  };
}

/** Accuracy grows with the logarithm of parameters, plus what fine-tuning's luck adds. */
export function trueAccuracy(text: string): number {
  return Math.min(0.99, 0.3 + 0.05 * Math.log(paramsOf(parseArchitecture(text))));
}

export interface FakeEvaluator extends Evaluator {
  readonly jobs: Job[];
  running: number;
  mostRunning: number;
}

export interface FakeEvaluatorOptions {
  readonly slots?: number;
  readonly fails?: (job: Job) => boolean;
  /** What the fine-tune adds to the accuracy of any network; 0 when left out. */
  readonly gain?: number;
  /** Standard deviation of what else a training comes to; 0.002 when left out. */
  readonly luck?: number;
  /** Held-out loss of a job; none is reported when left out. */
  readonly loss?: (job: Job) => number;
  /** Called before each job ends; may abort or throw. */
  readonly before?: (job: Job, count: number) => void;
}

export function fakeEvaluator(seed: number, options: FakeEvaluatorOptions = {}): FakeEvaluator {
  const jobs: Job[] = [];
  return {
    slots: options.slots ?? 2,
    jobs,
    running: 0,
    mostRunning: 0,
    async evaluate(job, signal, progress) {
      const count = jobs.push(job);
      this.running++;
      this.mostRunning = Math.max(this.mostRunning, this.running);
      await Promise.resolve();
      options.before?.(job, count);
      const verdict = progress({ trial: job.trial, phase: 'training', done: 0.5, loss: 1, accuracy: null });
      this.running--;
      if (signal.aborted || verdict === 'stop')
        return { state: 'stopped', reason: 'asked to', latency: null, curve: [], seconds: 1 };
      if (options.fails?.(job) === true)
        return { state: 'failed', reason: 'diverged', latency: null, curve: [], seconds: 1 };
      const luck = (options.luck ?? 0.002) * createRng(seed).fork(job.text).normal();
      const accuracy = trueAccuracy(job.text) + (options.gain ?? 0) + luck;
      const at = { epoch: 1, step: 1, loss: 1, trainAccuracy: 0, accuracy: null, seconds: 1 };
      return {
        state: 'done',
        accuracy: ratio(Math.min(1, Math.max(0, accuracy))),
        latency: job.latency ?? record(trueLatency(job.text), 0.001),
        curve: options.loss === undefined ? [] : [{ ...at, heldOutLoss: options.loss(job) }],
        seconds: 1,
        checkpoint: job.checkpoint,
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

export const SMALL = formatArchitecture(
  presetArchitecture('mobilenet_v3_small@0.5', { input: [28, 28, 1], classes: 10 }),
);

export function newStore(): TrialStore {
  return createMemoryStore({
    name: 'fake',
    spec: {},
    spaceDigest: '',
    seed: '1',
    createdAt: 0,
    environment: {},
  });
}

/** A store with one trained trial, to be refined. */
export function seedTrial(store: TrialStore, text = SMALL): Trial {
  const [trial] = store.begin(
    [
      {
        kind: 'sample',
        parent: null,
        genome: null,
        text,
        params: 0,
        madds: 0,
        seed: '1/trial/1',
        note: null,
      },
    ],
    null,
  );
  if (!trial) throw new Error('no trial');
  return store.finish(
    trial.id,
    {
      state: 'done',
      accuracy: ratio(trueAccuracy(text)),
      latency: record(trueLatency(text), 0.001),
      curve: [],
      seconds: 1,
      checkpoint: 'trial-1.weights',
    },
    0,
    null,
  );
}

export function setUp(
  seed: number,
  settings: Partial<NetAdaptSettings> = {},
  more: Partial<RefineOptions> = {},
): RefineOptions {
  const store = more.store ?? newStore();
  const trial = more.trial ?? seedTrial(store);
  return {
    trial,
    targetMs: 0.75 * trueLatency(trial.text),
    store,
    evaluator: fakeEvaluator(seed),
    meter: fakeMeter(seed),
    settings: { ...DEFAULT_SETTINGS, ...settings },
    seed: `${seed}/netadapt`,
    signal: new AbortController().signal,
    elapsedSeconds: () => 0,
    ...more,
  };
}

/** The store until its `at`-th write, which throws in its place, as every one after it: a killed process. */
export function killedAt(store: TrialStore, at: number): TrialStore {
  let writes = 0;
  const guard = <A extends unknown[], R>(write: (...args: A) => R) => {
    return (...args: A): R => {
      if (++writes >= at) throw new Error('killed');
      return write(...args);
    };
  };
  return {
    ...store,
    begin: guard(store.begin.bind(store)),
    retry: guard(store.retry.bind(store)),
    finish: guard(store.finish.bind(store)),
    note: guard(store.note.bind(store)),
  };
}
