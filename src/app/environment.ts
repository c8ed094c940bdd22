import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { settingOf } from '../backends/index.js';
import { expandHome, packageRoot, setupFolder, type JsonObject } from '../core/index.js';

/** Version of this package. */
export function packageVersion(): string {
  const parsed = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return parsed.version;
}

export interface Places {
  /** A folder per study. */
  readonly runs: string;
  /** Data sets as their publishers ship them. */
  readonly data: string;
  /** TensorFlow and the other native parts as `nas setup` laid them. */
  readonly tensorflow: string;
  /** What is known of devices that latency was measured on. */
  readonly latency: string;
}

/** Where studies and data lie when neither an option nor a variable says it, relative to the current folder. */
export const FOLDERS = Object.freeze({ runs: 'runs', data: '.data' });

/**
 * Folders that commands use. Studies and data lie in the current folder, so that nothing is written where the user
 * did not stand; `NAS_RUNS`, `NAS_DATA`, `NAS_LATENCY` and `NAS_TENSORFLOW_DIR` name other places.
 */
export function places(
  given: { readonly runs?: string | undefined; readonly data?: string | undefined } = {},
): Places {
  return Object.freeze({
    runs: resolve(expandHome(given.runs ?? process.env['NAS_RUNS'] ?? FOLDERS.runs)),
    data: resolve(expandHome(given.data ?? process.env['NAS_DATA'] ?? FOLDERS.data)),
    tensorflow: setupFolder(),
    latency: resolve(expandHome(process.env['NAS_LATENCY'] ?? 'latency')),
  });
}

/**
 * Whether `--backend tensorflow-gpu` may continue without a card, by `NAS_GPU=optional`.
 * @throws NasError `NAS_WRONG_SETTING`
 */
export function gpuIsOptional(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return settingOf({ NAS_GPU: env['NAS_GPU'] }, ['required', 'optional']) === 'optional';
}

/** What a study notes about the machine that ran it; no host or user names. */
export function environment(): JsonObject {
  return {
    platformNas: packageVersion(),
    node: process.version,
    os: `${process.platform} ${release()}`,
    architecture: process.arch,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
}
