import type { ExportedDevice, ExportedLatency } from '../../export/index.js';
import type { Fingerprint } from '../../latency/index.js';
import type { LatencyRecord } from '../../trials/index.js';

/** Says which device a digest is of; undefined where that is not known. */
export type KnownDevices = (digest: string) => Fingerprint | undefined;

/**
 * A latency as an exported network carries it: without samples, with the device that each platform's latency was measured
 * on, which need not be the machine that exports or trained.
 */
export function exportedLatency({ also, ...record }: LatencyRecord, devices: KnownDevices): ExportedLatency {
  const first = withoutSamples({ ...record, ...onDevice(record.fingerprint, devices) });
  if (also === undefined) return first;
  return {
    ...first,
    also: also.map((one) => withoutSamples({ ...one, ...onDevice(one.fingerprint, devices) })),
  };
}

function withoutSamples<R extends { readonly samplesMs: unknown }>({
  samplesMs,
  ...rest
}: R): Omit<R, 'samplesMs'> {
  void samplesMs;
  return rest;
}

function onDevice(
  digest: string,
  devices: KnownDevices,
): { readonly device: string; readonly measuredOn: ExportedDevice | null } {
  const found = devices(digest);
  if (found === undefined) return { device: `known by its digest only, ${digest}`, measuredOn: null };
  const { deviceName: name, device: kind, backend: runtime, versions, threads, os } = found;
  return { device: inWords(found), measuredOn: { name, kind, runtime, versions, threads, os } };
}

function inWords({ deviceName, backend, versions, threads, batch }: Fingerprint): string {
  const parts = Object.entries(versions).map(([what, version]) => `${what} ${version}`);
  return [
    deviceName,
    ...(backend in versions ? [] : [backend]),
    ...parts,
    ...(threads === 0 ? [] : [`${threads} ${threads === 1 ? 'thread' : 'threads'}`]),
    `batch ${batch}`,
  ].join(', ');
}
