/** Runs in the browser, served as compiled; imports types only. */
import type * as OnnxRuntimeWeb from 'onnxruntime-web';
import type { Adapter, PageApi, Provider, Reply } from './page-api.js';

interface GpuAdapter {
  readonly isFallbackAdapter?: boolean;
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
}
declare const ort: typeof OnnxRuntimeWeb;
declare const crossOriginIsolated: boolean;
declare const navigator: {
  readonly gpu?: { requestAdapter(options: { powerPreference: string }): Promise<GpuAdapter | null> };
};
declare const location: { readonly href: string };

interface Program {
  readonly session: OnnxRuntimeWeb.InferenceSession;
  readonly feeds: Record<string, OnnxRuntimeWeb.Tensor>;
  readonly runsPerSample: number;
}

/** A sample is at least this number of clock steps long, so that it is known to 1 %. */
const STEPS_PER_SAMPLE = 100;
/** Most runs of a sample: of a network that takes 10 µs, by a clock of 1 ms. */
const MOST_RUNS = 10_000;
/** The browser compiles what runs often a second time, better, while it runs: so long the first network runs untimed. */
const FIRST_WARM_UP_MS = 500;
/** Later networks find most of it done. */
const WARM_UP_MS = 100;
const LEAST_WARM_UP_RUNS = 3;
/** A run of fewer steps of the clock is timed by the mean of many. */
const SHORT_STEPS = 10;
const CLOCK_CHANGES = 20;

const programs = new Map<number, Program>();
let provider: Provider = 'wasm';
let first = true;
/** Step of the clock, ms: 0.005 in a page that is cross-origin isolated, up to 1 elsewhere. */
let stepMs = 0;

const api: PageApi = {
  async start(wanted, threads) {
    provider = wanted;
    stepMs = clockStep();
    const { wasm } = ort.env;
    wasm.numThreads = threads;
    wasm.proxy = false;
    wasm.wasmPaths = { mjs: address('ort-wasm.mjs'), wasm: address('ort-wasm.wasm') };
    ort.env.logLevel = 'error';
    const adapter = provider === 'webgpu' ? await adapterOf() : null;
    return { isolated: crossOriginIsolated, runtime: ort.env.versions.web ?? 'unknown', adapter };
  },

  async open(id, path) {
    const model = await (await fetch(address(path))).arrayBuffer();
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
    });
    try {
      const feeds = { [nameOf(session.inputNames)]: tensor(shapeOf(session), (i) => (i % 17) / 17 - 0.5) };
      const shortestMs = await warmUp(session, feeds);
      const leastMs = STEPS_PER_SAMPLE * stepMs;
      const runsPerSample = Math.max(1, Math.min(MOST_RUNS, Math.ceil(leastMs / shortestMs)));
      programs.set(id, { session, feeds, runsPerSample });
      const clockStepMs = stepMs / runsPerSample;
      return { threads: ort.env.wasm.numThreads ?? 1, runsPerSample, shortestMs, clockStepMs };
    } catch (error) {
      await session.release();
      throw error;
    }
  },

  async time(id, count) {
    const { session, feeds, runsPerSample } = programOf(id);
    const times: number[] = [];
    for (let sample = 0; sample < count; sample++) {
      const start = clock();
      for (let run = 0; run < runsPerSample; run++) await session.run(feeds);
      times.push((clock() - start) / runsPerSample);
    }
    return times;
  },

  async run(id, input) {
    const { session } = programOf(id);
    const feeds = { [nameOf(session.inputNames)]: tensor(shapeOf(session), (i) => input[i] ?? Number.NaN) };
    const results = await session.run(feeds);
    return [...(results[nameOf(session.outputNames)]?.data as Float32Array)];
  },

  async close(id) {
    const program = programs.get(id);
    programs.delete(id);
    await program?.session.release();
  },
};

/** The shortest run, ms: least disturbed by what else the machine does. */
async function warmUp(session: OnnxRuntimeWeb.InferenceSession, feeds: Program['feeds']): Promise<number> {
  const start = clock();
  const leastMs = first ? FIRST_WARM_UP_MS : WARM_UP_MS;
  let shortest = Number.POSITIVE_INFINITY;
  let runs = 0;
  for (; runs < LEAST_WARM_UP_RUNS || clock() - start < leastMs; runs++) {
    const before = clock();
    await session.run(feeds);
    shortest = Math.min(shortest, clock() - before);
  }
  first = false;
  // Of a run that takes a few steps of the clock, the mean says more; the shortest may be 0.
  const mean = Math.max(clock() - start, stepMs) / runs;
  return shortest < SHORT_STEPS * stepMs ? mean : shortest;
}

/** The smallest of several changes of the clock, ms. */
function clockStep(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let changes = 0; changes < CLOCK_CHANGES; changes++) {
    const before = clock();
    let after = before;
    while (after === before) after = clock();
    least = Math.min(least, after - before);
  }
  return least;
}

async function adapterOf(): Promise<Adapter | null> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter == null) return null;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return {
    name: [vendor, architecture, device, description].filter((part) => part !== '').join(' '),
    software: isFallbackAdapter ?? adapter.isFallbackAdapter ?? false,
  };
}

function programOf(id: number): Program {
  const program = programs.get(id);
  if (program === undefined) throw new Error(`no network ${id}`);
  return program;
}

function nameOf(names: readonly string[]): string {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new Error('not one input and one output');
  return name;
}

/** The input's shape; every length of it is fixed in our files. */
function shapeOf(session: OnnxRuntimeWeb.InferenceSession): readonly number[] {
  const input = session.inputMetadata[0];
  if (input?.isTensor !== true || input.type !== 'float32') throw new Error('an input that is not float32');
  return input.shape.map((length) => {
    if (typeof length !== 'number') throw new Error(`an input whose length ${length} is not fixed`);
    return length;
  });
}

function tensor(shape: readonly number[], value: (index: number) => number): OnnxRuntimeWeb.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length: size }, (_, i) => value(i)),
    shape,
  );
}

function address(path: string): string {
  return new URL(path, location.href).href;
}

function clock(): number {
  // eslint-disable-next-line no-restricted-properties -- the browser's clock; there is no other here
  return performance.now();
}

async function call(method: keyof PageApi, args: readonly never[]): Promise<Reply> {
  try {
    return { value: await (api[method] as (...given: readonly never[]) => Promise<unknown>)(...args) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

Object.assign(globalThis, { nas: call });
