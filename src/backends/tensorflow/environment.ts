export type Flavour = 'cpu' | 'gpu';

export interface EnvironmentOptions {
  readonly flavour: Flavour;
  /** Threads inside one operation, ≥ 1; shared by all sessions of the process. */
  readonly threads: number;
  /** Only operations whose result does not depend on timing. */
  readonly deterministic: boolean;
}

/**
 * What TensorFlow reads from the environment, once, when its libraries are loaded: to be set on a process
 * before it starts (a worker thread cannot). Two lines about oneDNN come on standard error all the same.
 */
export function tensorflowEnvironment(options: EnvironmentOptions): Record<string, string> {
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_NUM_INTRAOP_THREADS: String(options.threads),
    TF_NUM_INTEROP_THREADS: String(options.threads),
    ...(options.deterministic ? { TF_DETERMINISTIC_OPS: '1' } : {}),
    ...(options.flavour === 'gpu' ? { TF_FORCE_GPU_ALLOW_GROWTH: 'true' } : { CUDA_VISIBLE_DEVICES: '-1' }),
  };
}
