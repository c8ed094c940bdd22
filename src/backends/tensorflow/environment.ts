import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { NasError } from '../../core/index.js';

export type Flavour = 'cpu' | 'gpu';

export type EnvironmentOptions = ProcessOptions &
  ({ readonly flavour: 'cpu' } | ({ readonly flavour: 'gpu' } & GpuSurroundings));

interface ProcessOptions {
  /** Threads inside one operation, ≥ 1; shared by all sessions of the process. */
  readonly threads: number;
  /** Sessions that run at the same time, ≥ 1; default 1. */
  readonly atOnce?: number;
  /** Cores of the machine; default: as many as this process may use. */
  readonly cores?: number;
  /** Only operations whose result does not depend on timing. */
  readonly deterministic: boolean;
}

export interface GpuSurroundings {
  /** Where the flavours lie, each in a folder of its name. */
  readonly directory: string;
  /** What the process would have otherwise. Its paths and flags are kept, behind ours; `NAS_XLA` is read from it. */
  readonly outer: Readonly<Record<string, string | undefined>>;
}

/**
 * What TensorFlow reads from the environment, once, when its libraries are loaded: to be set on a process
 * before it starts (a worker thread cannot). Two lines about oneDNN still appear on standard error.
 * @throws NasError `NAS_WRONG_SETTING` for a `NAS_XLA` that is neither `auto` nor `off`
 */
export function tensorflowEnvironment(options: EnvironmentOptions): Record<string, string> {
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_NUM_INTRAOP_THREADS: String(options.threads),
    TF_NUM_INTEROP_THREADS: String(operationsAtOnce(options)),
    // glibc gives each thread a separate arena, up to eight per core, and each keeps what was freed in it.
    MALLOC_ARENA_MAX: '2',
    ...(options.deterministic ? { TF_DETERMINISTIC_OPS: '1' } : {}),
    ...(options.flavour === 'gpu'
      ? { ...cudaEnvironment(join(options.directory, 'gpu'), options.outer), ...xlaEnvironment(options) }
      : { CUDA_VISIBLE_DEVICES: '-1' }),
  };
}

/**
 * Backward, the gradients of a layer's weights and of its inputs do not need each other, so a training step keeps two
 * cores busy with one thread per operation; threads inside the operations cost more in waiting than they bring until
 * there are twice as many cores as sessions. More concurrent operations than cores make a step 4–9 % longer, fewer than
 * sessions make those queue (bench/train/README.md, threads).
 */
function operationsAtOnce({ atOnce = 1, cores = availableParallelism() }: ProcessOptions): number {
  return Math.max(atOnce, Math.min(2 * atOnce, cores));
}

/** Threads inside one operation that train the given number of concurrent networks fastest; see {@link operationsAtOnce}. */
export function threadsFor(atOnce: number, cores = availableParallelism()): number {
  return Math.max(1, Math.floor(cores / (2 * atOnce)));
}

/**
 * Where CUDA's parts are found, for an installation laid out by `nas setup`.
 *
 * The libraries' own run paths do not suffice: TensorFlow 2.21 opens cuSOLVER from the library whose run path lacks
 * it, and a card whose libraries are not all found is passed over. Ours come first, so that another CUDA on the
 * machine is not mixed in.
 * @param place the installation, the folder that holds `nvidia/`
 */
export function cudaEnvironment(place: string, outer: GpuSurroundings['outer']): Record<string, string> {
  const nvidia = join(place, 'nvidia');
  const nvcc = join(nvidia, 'cuda_nvcc');
  return {
    LD_LIBRARY_PATH: listed(delimiter, ...libraryFolders(nvidia), outer['LD_LIBRARY_PATH']),
    PATH: listed(delimiter, join(nvcc, 'bin'), outer['PATH']),
    // The flag cannot hold such a path; XLA then looks in ../nvidia/cuda_nvcc next to TensorFlow's library by itself.
    XLA_FLAGS: listed(' ', /[\s"']/.test(nvcc) ? '' : `--xla_gpu_cuda_data_dir=${nvcc}`, outer['XLA_FLAGS']),
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // As nvidia-smi counts, so that CUDA_VISIBLE_DEVICES means the card that it shows.
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
  };
}

/** XLA chooses among kernels by timing them, so it stays off where equal weights are asked for. */
function xlaEnvironment({
  deterministic,
  outer: env,
}: ProcessOptions & GpuSurroundings): Record<string, string> {
  const setting = settingOf({ NAS_XLA: env['NAS_XLA'] }, ['auto', 'off']);
  if (deterministic || setting === 'off') return {};
  return { TF_XLA_FLAGS: listed(' ', '--tf_xla_auto_jit=2', env['TF_XLA_FLAGS']) };
}

/**
 * A setting that an environment variable makes; the first choice where it is absent or empty.
 * @param variable its name and value
 * @throws NasError `NAS_WRONG_SETTING`
 */
export function settingOf<C extends string>(
  variable: Readonly<Record<string, string | undefined>>,
  choices: readonly [C, ...C[]],
): C {
  const [[name, given] = ['', undefined]] = Object.entries(variable);
  if (given === undefined || given === '') return choices[0];
  const found = choices.find((choice) => choice === given);
  if (found !== undefined) return found;
  throw new NasError({
    code: 'NAS_WRONG_SETTING',
    found: `the environment variable ${name} is "${given.slice(0, 40)}"`,
    expected: choices.join(' or '),
    fix: `unset ${name}, or give it one of these`,
  });
}

function libraryFolders(nvidia: string): string[] {
  if (!existsSync(nvidia)) return [];
  return readdirSync(nvidia)
    .sort()
    .map((name) => join(nvidia, name, 'lib'))
    .filter((folder) => existsSync(folder));
}

/** An empty part would mean the current folder to the loader and the shell. */
function listed(separator: string, ...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}
