import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { deviceOf, noteDevices } from '../../src/app/latency/devices.js';
import { exportedLatency } from '../../src/app/export/latency.js';
import { ms } from '../../src/core/index.js';
import { exporterFor, onnxExporter, type Exporter } from '../../src/export/index.js';
import { deviceFolder, fingerprintDigest, multiPlatform, type Fingerprint } from '../../src/latency/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import type { LatencyRecord } from '../../src/trials/index.js';
import { sampleOf } from '../export/samples.js';
import { newStore } from '../netadapt/fakes.js';

const device = (over: Partial<Fingerprint>): Fingerprint => ({
  platform: 'agent:http://192.168.1.20:7411',
  batch: 1,
  backend: 'onnxruntime',
  device: 'cpu',
  deviceName: 'Raspberry Pi 4 Model B Rev 1.4',
  threads: 4,
  versions: { onnxruntime: '1.30.0' },
  cpu: 'Cortex-A72',
  cores: 4,
  os: 'linux arm64',
  reference: 'reference-1',
  ...over,
});
const AGENT = device({});
const COMMAND = device({
  ...{ platform: 'command:./bench.sh', backend: 'command', device: 'gpu', deviceName: 'Pixel 8' },
  ...{ threads: 0, versions: { tflite: '2.17' }, cpu: 'unknown', cores: 0, os: 'unknown' },
});
const CHROMIUM = device({
  ...{
    platform: 'chromium:webgpu',
    backend: 'onnxruntime-web webgpu',
    device: 'gpu',
    deviceName: 'arm mali-g715',
  },
  ...{ threads: 1, batch: 8, versions: { chromium: '140.0', 'onnxruntime-web': '1.30.0' } },
});

const latencyOn = (fingerprint: Fingerprint): Omit<LatencyRecord, 'also'> => ({
  source: 'measured',
  platform: fingerprint.platform,
  medianMs: ms(2),
  madMs: 0.01,
  p90Ms: ms(2.1),
  lowMs: 1.9,
  highMs: 2.1,
  runs: 2,
  batch: fingerprint.batch,
  fingerprint: fingerprintDigest(fingerprint),
  samplesMs: [2, 2.1],
});

const root = mkdtempSync(join(tmpdir(), 'exported-latency-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('the devices of a study', () => {
  it('are kept with it, those of further platforms too, and read back by their digests', async () => {
    const of = (fingerprint: Fingerprint) => ({
      name: fingerprint.platform,
      fingerprint,
      time: () => Promise.resolve(null),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
    await using platform = multiPlatform(of(AGENT), [{ platform: of(COMMAND), targetMs: 3 }]);
    const store = newStore();
    noteDevices(store, platform);
    for (const one of [AGENT, COMMAND]) expect(deviceOf(store, fingerprintDigest(one), root)).toEqual(one);
    expect(deviceOf(store, fingerprintDigest(CHROMIUM), root)).toBeUndefined();
  });

  it('of an older study are found in the folder of devices; one of another digest is none', () => {
    const folder = deviceFolder(root, CHROMIUM);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'device.json'), JSON.stringify(CHROMIUM));
    expect(deviceOf(newStore(), fingerprintDigest(CHROMIUM), root)).toEqual(CHROMIUM);
    writeFileSync(join(folder, 'device.json'), JSON.stringify(AGENT));
    expect(deviceOf(newStore(), fingerprintDigest(CHROMIUM), root)).toBeUndefined();
    writeFileSync(join(folder, 'device.json'), '{');
    expect(deviceOf(newStore(), fingerprintDigest(CHROMIUM), root)).toBeUndefined();
  });
});

describe('an exported network', () => {
  const known = new Map([AGENT, COMMAND].map((one) => [fingerprintDigest(one), one]));
  const record: LatencyRecord = {
    ...latencyOn(AGENT),
    also: [
      { ...latencyOn(COMMAND), targetMs: 3 },
      { ...latencyOn(CHROMIUM), targetMs: 4 },
    ],
  };
  const latency = exportedLatency(record, (digest) => known.get(digest));
  const trained = { ...sampleOf(parseArchitecture('nas1:8x8x1 cn_k3_s2_c8_re gap fc_c3_id')), latency };
  const expected = {
    platform: AGENT.platform,
    device: 'Raspberry Pi 4 Model B Rev 1.4, onnxruntime 1.30.0, 4 threads, batch 1',
    measuredOn: {
      ...{ name: 'Raspberry Pi 4 Model B Rev 1.4', kind: 'cpu', runtime: 'onnxruntime' },
      ...{ versions: { onnxruntime: '1.30.0' }, threads: 4, os: 'linux arm64' },
    },
    also: [
      {
        platform: 'command:./bench.sh',
        device: 'Pixel 8, command, tflite 2.17, batch 1',
        measuredOn: { name: 'Pixel 8', kind: 'gpu', runtime: 'command', threads: 0 },
      },
      {
        platform: 'chromium:webgpu',
        device: `known by its digest only, ${fingerprintDigest(CHROMIUM)}`,
        measuredOn: null,
      },
    ],
  };
  const textOf = (exporter: Exporter): string =>
    exporter
      .export(trained)
      .map(({ bytes }) => Buffer.from(bytes).toString('utf8'))
      .join('\n');

  it('says where each latency was measured, and carries no samples', () => {
    expect(latency).toMatchObject(expected);
    expect(JSON.stringify(latency)).not.toContain('samplesMs');
  });

  it('is stated in architecture.json and in the metadata of tfjs and ONNX, without a word of this machine', () => {
    const json = JSON.parse(textOf(exporterFor('json'))) as { latency: unknown };
    expect(json.latency).toMatchObject(expected);
    const [model] = exporterFor('tfjs').export(trained);
    const { userDefinedMetadata } = JSON.parse(Buffer.from(model?.bytes ?? []).toString('utf8')) as {
      userDefinedMetadata: { latency: unknown };
    };
    expect(userDefinedMetadata.latency).toMatchObject(expected);
    const onnx = textOf(onnxExporter());
    for (const one of [expected, ...expected.also]) {
      expect(onnx).toContain(one.device);
      expect(onnx).toContain(one.platform);
    }
    const here = cpus()[0]?.model.trim() ?? 'unknown';
    for (const text of [onnx, JSON.stringify(json), JSON.stringify(userDefinedMetadata)])
      expect(text).not.toContain(here);
  });
});
