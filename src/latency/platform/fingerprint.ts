import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform } from 'node:os';
import { digest } from '../../core/index.js';
import type { DeviceInfo } from '../../backends/index.js';

/** What a latency depends on, apart from the network. Latencies of different fingerprints are never compared. */
export interface Fingerprint {
  /** Name of the latency platform. */
  readonly platform: string;
  /** Pictures per run. */
  readonly batch: number;
  readonly backend: string;
  readonly device: 'cpu' | 'gpu';
  /** Name of the device as its driver or operating system reports it. */
  readonly deviceName: string;
  /** Threads that one operation may use. */
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly cpu: string;
  readonly cores: number;
  /** True where the threads are kept on one core while they are timed; see `pinToOneCore`. */
  readonly oneCore?: boolean;
  /** Operating system and processor architecture, e.g. `linux x64`. */
  readonly os: string;
  /** Name of the reference network that latencies are put on the scale of; absent where none is timed. */
  readonly reference?: string;
}

/** The fingerprint of this machine with that device. */
export function fingerprintOf(
  platformName: string,
  info: DeviceInfo,
  batch: number,
  driver: string | null = info.device === 'gpu' ? nvidiaDriver() : null,
): Fingerprint {
  return Object.freeze({
    platform: platformName,
    batch,
    backend: info.backend,
    device: info.device,
    deviceName: info.name,
    threads: info.threads,
    versions: Object.freeze({ ...info.versions, ...(driver === null ? {} : { driver }) }),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    os: `${platform()} ${arch()}`,
  });
}

/** Version of the loaded NVIDIA driver; null where there is none to read. */
export function nvidiaDriver(file = '/proc/driver/nvidia/version'): string | null {
  try {
    return /\bKernel Module(?:\s+for\s+\S+)?\s+(\d[\w.]*)/.exec(readFileSync(file, 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** SHA-256 of the fingerprint, the first 16 hexadecimal digits. */
export function fingerprintDigest(fingerprint: Fingerprint): string {
  return digest(fingerprint).slice(0, 16);
}
