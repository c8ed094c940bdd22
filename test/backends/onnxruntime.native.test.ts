import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxruntimeVersion, openOnnx, type OnnxSession } from '../../src/backends/index.js';
import { onnxModel } from '../../src/export/index.js';
import { everyOperation, picture, relativeError, trained } from '../network/samples.js';

describe('a session of ONNX Runtime', () => {
  const { network, weights } = trained(everyOperation);
  const bytes = onnxModel(network, weights, { epsilon: 1e-3, batch: 'N' });
  const images = { shape: [1, 2, 9, 8], values: picture(network) };
  let session: OnnxSession;

  beforeAll(async () => {
    session = await openOnnx(bytes, { threads: 2 });
  });
  afterAll(() => {
    session.dispose();
  });

  it('says its version', async () => {
    expect(session.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await onnxruntimeVersion()).toBe(session.version);
  });

  it('times as many runs as asked for, also of a file with a free batch', async () => {
    const times = await session.time(7);
    expect(times).toHaveLength(7);
    for (const time of times) expect(time).toBeGreaterThan(0);
    expect(await session.time(0)).toEqual([]);
  });

  it('gives the same for any threads and any way of waiting, and after being timed', async () => {
    const first = await session.run({ images });
    await session.time(3);
    expect(await session.run({ images })).toEqual(first);
    const other = await openOnnx(bytes, { threads: 1, spinning: true });
    const second = await other.run({ images });
    other.dispose();
    expect(relativeError(second['logits']!.values, first['logits']!.values)).toBeLessThan(1e-5);
  });

  it('does not change what it was given, nor results that were given out', async () => {
    const before = images.values.slice();
    const first = await session.run({ images });
    const kept = first['logits']!.values.slice();
    await session.run({ images: { ...images, values: images.values.map((value) => -value) } });
    expect(images.values).toEqual(before);
    expect(first['logits']!.values).toEqual(kept);
  });

  it.each([
    ['no input', {}, /no input images/],
    ['another shape', { images: { shape: [1, 2, 8, 9], values: images.values } }, /dimension/],
    ['too few numbers', { images: { shape: [1, 2, 9, 8], values: new Float32Array(3) } }, /size|length/],
    ['bytes', { images: { shape: [1, 2, 9, 8], values: new Uint8Array(144) } }, /uint8, expected float32/],
  ])('refuses %s', async (_, inputs, message) => {
    const found = await session.run(inputs).catch((error: unknown) => error);
    expect(found).toMatchObject({
      code: 'NAS_ONNX_RUN',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('no network')],
    ['half a file', bytes.subarray(0, bytes.length / 2)],
  ])('does not open %s', async (_, content) => {
    await expect(openOnnx(content, { threads: 1 })).rejects.toMatchObject({ code: 'NAS_BAD_ONNX' });
  });
});
