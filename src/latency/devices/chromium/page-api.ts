/** What Node and the page say to each other; plain data. */
export type Provider = 'wasm' | 'webgpu';

/** The adapter that WebGPU computes on. `software`: it computes on the CPU. */
export interface Adapter {
  readonly name: string;
  readonly software: boolean;
}

export interface Facts {
  /** True when the page may share memory among threads and has the fine clock. */
  readonly isolated: boolean;
  /** Version of ONNX Runtime Web. */
  readonly runtime: string;
  readonly adapter: Adapter | null;
}

export interface Opened {
  /** Threads that ONNX Runtime Web really uses. */
  readonly threads: number;
  /** Runs that are timed together as one sample. */
  readonly runsPerSample: number;
  /** Shortest run of the warm-up, ms. */
  readonly shortestMs: number;
  /** Step of the page's clock by the runs of a sample, ms. */
  readonly clockStepMs: number;
}

export interface PageApi {
  start(provider: Provider, threads: number): Promise<Facts>;
  /** Loads the model of that path, makes its input and runs it until the browser has compiled what it runs. */
  open(id: number, path: string): Promise<Opened>;
  /** Times of `count` samples, each the mean of its runs, ms per run. */
  time(id: number, count: number): Promise<number[]>;
  /** The first output's values for these input values. */
  run(id: number, input: readonly number[]): Promise<number[]>;
  close(id: number): Promise<void>;
}

/** What the page's one global function returns; an error there is a value here. */
export type Reply = { readonly value: unknown } | { readonly error: string };
