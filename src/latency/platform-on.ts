import type { Device, Program } from './device.js';
import { timeInterleaved } from './interleave.js';
import { latencyRecord } from './measured.js';
import type { Platform } from './platform.js';

/** A device under the timing protocol, which is the same on all of them. Closing the platform closes the device. */
export function platformOn(device: Device): Platform {
  const { fingerprint } = device;
  return {
    name: fingerprint.platform,
    fingerprint,
    async time(networks, protocol, { stop, prepare, quiet }) {
      const programs: Program[] = [];
      try {
        for (const runnable of networks) {
          if (stop()) return null;
          programs.push(await prepare(() => device.open(runnable)));
        }
        const measured = await quiet(() => timeInterleaved(programs, protocol, stop));
        return measured?.map((one) => latencyRecord(one, fingerprint)) ?? null;
      } finally {
        for (const program of programs) await program.dispose();
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(device[Symbol.asyncDispose]()),
  };
}
