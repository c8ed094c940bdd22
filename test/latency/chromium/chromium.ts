import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../../src/core/index.js';
import { onnxModel } from '../../../src/export/index.js';
import {
  chromiumDevice,
  type ChromiumDevice,
  type ChromiumDeviceOptions,
} from '../../../src/latency/devices/chromium/index.js';
import { findChromium } from '../../../src/latency/devices/chromium/executable.js';
import { browserProcesses } from '../../../src/latency/devices/chromium/profile.js';
import type { OnnxWriter } from '../../../src/latency/index.js';

export const EPSILON = 1e-3;
export const onnx: OnnxWriter = ({ network, weights }, batch) =>
  onnxModel(network, weights, { epsilon: EPSILON, batch });

/** Why tests with a browser cannot run here; null when they can. */
export function missing(): string | null {
  try {
    findChromium(process.env);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'nas-test-chromium-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export function optionsIn(
  folder: string,
  changes: Partial<ChromiumDeviceOptions> = {},
): ChromiumDeviceOptions {
  return {
    provider: 'wasm',
    threads: 1,
    batch: 1,
    onnx,
    environment: process.env,
    temporaryFolder: folder,
    ...changes,
  };
}

export interface OpenedDevice extends AsyncDisposable {
  readonly device: ChromiumDevice;
  readonly folder: string;
}

/** A device whose profile lies in its own folder; both go with the test. */
export async function openDevice(changes: Partial<ChromiumDeviceOptions> = {}): Promise<OpenedDevice> {
  const folder = temporaryFolder();
  const device = await chromiumDevice(optionsIn(folder.path, changes)).catch((error: unknown) => {
    folder[Symbol.dispose]();
    throw error;
  });
  return {
    device,
    folder: folder.path,
    async [Symbol.asyncDispose]() {
      await device[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Processes of the browsers whose profiles lie in that folder, with their types; '' is the browser itself. */
export function processesIn(folder: string): { readonly pid: number; readonly type: string }[] {
  return profilesIn(folder).flatMap((profile) => browserProcesses(profile));
}

export function profilesIn(folder: string): string[] {
  return readdirSync(folder).map((name) => join(folder, name));
}

/** Every process of the browsers' groups, also those that do not name a profile. */
export function groupsIn(folder: string): number[] {
  const leaders = processesIn(folder).map(({ pid }) => groupOf(String(pid)));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && leaders.includes(groupOf(name)))
    .map(Number);
}

/** Process group; a zombie's is none. */
function groupOf(pid: string): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? Number.NaN : Number(fields[2]);
  } catch {
    return Number.NaN;
  }
}

export function lives(pid: number): boolean {
  return !Number.isNaN(groupOf(String(pid)));
}
