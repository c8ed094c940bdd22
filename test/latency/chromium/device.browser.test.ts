import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintDigest } from '../../../src/latency/index.js';
import { forward } from '../../network/forward.js';
import { everyOperation, picture, relativeError, smallArchitecture, trained } from '../../network/samples.js';
import { EPSILON, missing, openDevice, optionsIn, temporaryFolder, type OpenedDevice } from './chromium.js';
import { chromiumDevice, type ChromiumDevice } from '../../../src/latency/devices/chromium/index.js';
import type { Architecture } from '../../../src/space/index.js';

const reason = missing();

/** Largest relative difference between the page's logits and the reference's, over a batch. */
async function differenceOn(
  device: ChromiumDevice,
  architecture: Architecture,
  batch: number,
): Promise<number> {
  const runnable = trained(architecture);
  const program = await device.open(runnable);
  const pictures = Array.from({ length: batch }, (_, i) => picture(runnable.network, `picture/${i}`));
  const expected = pictures.flatMap((one) => [...forward(runnable.network, runnable.weights, one, EPSILON)]);
  const actual = await program.run(pictures.flatMap((one) => channelsFirst(one, architecture.input)));
  for (const time of await program.time(2)) expect(time).toBeGreaterThan(0);
  await program.dispose();
  return relativeError(actual, expected);
}

function channelsFirst(values: Float32Array, [height, width, channels]: Architecture['input']): number[] {
  return Array.from({ length: values.length }, (_, i) => {
    const [c, place] = [Math.floor(i / (height * width)), i % (height * width)];
    return values[place * channels + c]!;
  });
}

describe('platform chromium', { timeout: 120_000 }, () => {
  let shared: OpenedDevice | null = null;
  const device = () => shared!.device;
  beforeAll(async () => {
    if (reason === null) shared = await openDevice();
  });
  afterAll(() => shared?.[Symbol.asyncDispose]());

  it('computes what the network computes, in batches too', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    await using three = await openDevice({ batch: 3, threads: 2 });
    const architectures = [everyOperation, ...fc.sample(smallArchitecture, { numRuns: 8, seed: 6 })];
    for (const architecture of architectures) {
      expect(await differenceOn(device(), architecture, 1)).toBeLessThan(1e-4);
      expect(await differenceOn(three.device, architecture, 3)).toBeLessThan(1e-4);
    }
  });

  it('keeps several networks open and times each by itself', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    const wide = { ...everyOperation, input: [64, 64, 2] as const };
    const programs = [
      await device().open(trained(everyOperation)),
      await device().open(trained(wide)),
    ] as const;
    const [small, large] = [await programs[0].time(20), await programs[1].time(20)];
    expect(small).toHaveLength(20);
    for (const time of [...small, ...large]) expect(time).toBeGreaterThan(0);
    expect(Math.min(...large)).toBeGreaterThan(Math.min(...small));
    await programs[0].dispose();
    await expect(programs[0].time(1)).rejects.toMatchObject({ code: 'NAS_CHROMIUM_REFUSED' });
    expect(await programs[1].time(2)).toHaveLength(2);
  });

  it('reports runtime, browser, threads and batch in its fingerprint', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    await using two = await openDevice({ threads: 2, batch: 4 });
    const { fingerprint } = device();
    expect(fingerprint).toMatchObject({
      platform: 'chromium:wasm',
      backend: 'onnxruntime-web wasm',
      device: 'cpu',
      threads: 1,
      batch: 1,
      versions: {
        chromium: expect.stringMatching(/^\d+(\.\d+){3}$/) as string,
        'onnxruntime-web': expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      },
    });
    expect(two.device.fingerprint).toMatchObject({ threads: 2, batch: 4 });
    expect(fingerprintDigest(two.device.fingerprint)).not.toBe(fingerprintDigest(fingerprint));
  });

  it('says what the runtime says of a file that it cannot open, and continues', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    let broken = false;
    using folder = temporaryFolder();
    const options = optionsIn(folder.path);
    await using breaking = await chromiumDevice({
      ...options,
      onnx: (runnable, batch) => (broken ? new Uint8Array([1, 2, 3]) : options.onnx(runnable, batch)),
    });
    broken = true;
    await expect(breaking.open(trained(everyOperation))).rejects.toMatchObject({
      code: 'NAS_CHROMIUM_REFUSED',
    });
    broken = false;
    const program = await breaking.open(trained(everyOperation));
    expect(await program.time(3)).toHaveLength(3);
  });

  it('runs on WebGPU, or says why not', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    const gpu = await openDevice({ provider: 'webgpu' }).catch((error: unknown) => error);
    if (gpu instanceof Error) {
      expect(gpu).toMatchObject({
        code: 'NAS_NO_WEBGPU',
        fix: expect.stringContaining('chromium:wasm') as string,
      });
      return;
    }
    await using opened = gpu as Awaited<ReturnType<typeof openDevice>>;
    expect(opened.device.fingerprint).toMatchObject({ platform: 'chromium:webgpu', device: 'gpu' });
    expect(await differenceOn(opened.device, everyOperation, 1)).toBeLessThan(1e-3);
  });

  it('computes the same through WebGPU on a software adapter, and does not call that a GPU', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    const software = await openDevice({ provider: 'webgpu', softwareAdapter: true }).catch(
      (error: unknown) => error,
    );
    if (software instanceof Error) {
      expect(software).toMatchObject({ code: 'NAS_NO_WEBGPU' });
      return ctx.skip('this Chromium has no software adapter for WebGPU');
    }
    await using opened = software as Awaited<ReturnType<typeof openDevice>>;
    const { fingerprint } = opened.device;
    if (fingerprint.deviceName.includes('swiftshader')) expect(fingerprint.device).toBe('cpu');
    expect(await differenceOn(opened.device, everyOperation, 1)).toBeLessThan(1e-3);
  });
});
