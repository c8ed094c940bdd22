import type { Backend } from '../../backends/index.js';
import { assertNever } from '../../core/index.js';
import type { Device, OnnxWriter } from '../devices/device.js';
import { onnxruntimeDevice } from '../devices/onnxruntime.js';
import { platformOn } from './device-platform.js';
import type { PlatformSpec } from './spec.js';
import type { Platform } from './platform.js';
import { tensorflowDevice } from '../devices/tensorflow.js';
import { requireTrust } from './trust.js';

/** What devices are made of; each uses what it needs. */
export interface DeviceParts {
  /** The backend that trains; asked for by `tensorflow` only. It stays the caller's. */
  backend(): Backend | Promise<Backend>;
  /** Pictures per run. */
  readonly batch: number;
  /** Batch normalisation's epsilon, folded into the kernels. */
  readonly epsilon: number;
  /** Threads where the platform's name does not state them. */
  readonly threads: number;
  readonly onnx: OnnxWriter;
  /** The process's environment, for what is no part of a name: the agents' tokens. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * Platforms that may run a program or get an agent's token; any other `command:` or `agent:` is refused.
   * @default none
   */
  readonly trusted?: readonly string[];
  /** Files that programs read lie here for the moment. */
  readonly temporaryFolder: string;
  /** What is known of devices lies there, see `platformOn`. @default null */
  readonly folder?: string | null;
  /** Asked now and then while a platform is opened that may take minutes for it; true ends that. @default never */
  readonly stop?: () => boolean;
  /** Seconds for which a lost connection to an agent is tried again; the agent's own default where left out. */
  readonly lostSeconds?: number;
  /** Called while a device is waited for: at each line of a program, at each try to reach an agent. */
  readonly alive?: () => void;
}

/**
 * The platform that a name means. Each kind's code is loaded when it is first opened.
 * @throws NasError `NAS_PLATFORM_UNTRUSTED`, and what the kind needs and does not find
 */
export async function openPlatform(spec: PlatformSpec, parts: DeviceParts): Promise<Platform> {
  switch (spec.kind) {
    // A platform that times nothing is none on a device.
    case 'table': {
      const { tablePlatform } = await import('../table/index.js');
      return tablePlatform({ file: spec.file, batch: parts.batch });
    }
    default:
      return platformOn(await openDevice(spec, parts), { folder: parts.folder ?? null });
  }
}

/** The device of a platform that times. @throws NasError as {@link openPlatform} */
export async function openDevice(
  spec: Exclude<PlatformSpec, { kind: 'table' }>,
  parts: DeviceParts,
): Promise<Device> {
  requireTrust(spec, parts.trusted);
  switch (spec.kind) {
    case 'tensorflow':
      return tensorflowDevice(await parts.backend(), parts);
    case 'onnxruntime':
      return onnxruntimeDevice({
        ...parts,
        ...{ threads: spec.threads ?? parts.threads, int8: spec.int8 ?? false },
      });
    case 'chromium': {
      const { chromiumDevice } = await import('../devices/chromium/index.js');
      const { provider, threads } = spec;
      return chromiumDevice({ ...parts, provider, threads: threads ?? parts.threads });
    }
    case 'command': {
      const { commandDevice } = await import('../devices/command/index.js');
      return commandDevice({ ...parts, program: spec.program, args: spec.args });
    }
    case 'agent': {
      const { agentDevice, tokenFor } = await import('../devices/agent/index.js');
      const { lostSeconds, environment } = parts;
      return agentDevice({
        ...{ ...parts, url: spec.url, token: tokenFor(spec.url, environment) },
        patience: lostSeconds === undefined ? {} : { lostSeconds },
      });
    }
    default:
      return assertNever(spec);
  }
}
