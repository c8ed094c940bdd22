import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DETECTOR_DEFAULTS } from '../../src/app/detector/describe.js';
import { measureDetector, wholeDetector, writeDetector } from '../../src/app/detector/whole.js';
import { openOnnx } from '../../src/backends/index.js';
import { detectorTable } from '../../src/report/index.js';
import { formatArchitecture, presetArchitecture } from '../../src/space/index.js';
import { placesIn, temporaryFolder } from '../app/samples.js';

const SIDE = 64;
const QUERIES = 84;
const small = formatArchitecture(
  presetArchitecture('mobilenet_v3_small@0.35', { input: [128, 128, 3], classes: 10 }),
);
const options = {
  ...({ input: [SIDE, SIDE] as const, levels: [3, 4, 5], lastStage: 'expanded', half: false } as const),
  ...{ classes: 3, hidden: 32, decoderLayers: 2, study: null, seed: '1' },
};
const whole = wholeDetector(small, options, placesIn('nowhere'));

describe('a whole detector', () => {
  it('runs in ONNX Runtime and finds boxes within the picture', async () => {
    const session = await openOnnx(whole.detector, { threads: 1 });
    const values = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => (i % 97) / 97);
    const found = await session.run({ images: { shape: [1, 3, SIDE, SIDE], values } });
    session.dispose();
    expect(found['boxes']?.shape).toEqual([1, QUERIES, 4]);
    expect(found['scores']?.shape).toEqual([1, QUERIES, 3]);
    const all = [...(found['boxes']?.values ?? []), ...(found['scores']?.values ?? [])];
    expect(all.every((value) => value > 0 && value < 1)).toBe(true);
    expect(new Set(found['scores']?.values).size).toBeGreaterThan(QUERIES);
  });

  it('is measured with its backbone', async () => {
    const latency = await measureDetector(whole, 1);
    expect(latency).toMatchObject({ platform: 'onnxruntime', threads: 1, detector: { runs: 12 } });
    expect(latency.backbone.medianMs).toBeGreaterThan(0);
    expect(latency.detector.medianMs).toBeGreaterThan(latency.backbone.medianMs);
    const text = detectorTable({ ...whole.description, latency }, { colour: false, width: 80 });
    expect(text).toMatch(/latency of the detector \d.* \(median of 12 runs\)/);
  });

  it('is written with its weights, the same for the same seed', () => {
    using folder = temporaryFolder();
    const out = join(folder.path, 'detector');
    writeDetector(whole, out);
    expect(readFileSync(join(out, 'model.onnx')).equals(Buffer.from(whole.detector))).toBe(true);
    expect(readFileSync(join(out, 'model.safetensors')).equals(Buffer.from(whole.weights))).toBe(true);
    const again = wholeDetector(small, options, placesIn('nowhere'));
    expect(Buffer.from(again.detector).equals(Buffer.from(whole.detector))).toBe(true);
    const other = wholeDetector(small, { ...options, seed: '2' }, placesIn('nowhere'));
    expect(Buffer.from(other.detector).equals(Buffer.from(whole.detector))).toBe(false);
  });

  it("can have RT-DETR-L's own backbone", () => {
    const sizes = { ...options, levels: [3], classes: 1, decoderLayers: 1 };
    const own = wholeDetector(DETECTOR_DEFAULTS.backbone, sizes, placesIn('nowhere'));
    // Parameters in 4 bytes, those of normalisation and parallel convolutions folded into others.
    expect(own.detector.length).toBeGreaterThan(3.5 * own.description.params);
  });
});
