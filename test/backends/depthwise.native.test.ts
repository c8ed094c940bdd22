import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadBinding } from '../../src/backends/tensorflow/binding.js';
import { depthwiseKernelGradient, sideOf } from '../../src/backends/tensorflow/step/depthwise.js';
import { createGraph } from '../../src/backends/tensorflow/graph/graph.js';
import { DType } from '../../src/backends/tensorflow/graph/proto.js';
import { openSession } from '../../src/backends/tensorflow/session.js';
import { named, placeholder } from '../../src/backends/tensorflow/graph/variables.js';
import { createRng } from '../../src/core/index.js';
import type { Layer } from '../../src/space/index.js';
import { distance } from './samples.js';
import { directory, isSetUp, prepare, REASON } from './tensorflow.js';

const sizes = [1, 2, 3, 4, 5, 7, 9];
const cases = [3, 5, 9].flatMap((kernel) =>
  [1, 2].flatMap((stride) => sizes.map((h) => [kernel, stride, h] as const)),
);
const batch = 2;
const channels = 3;

/** Σ over pictures and places of dy·x at each tap, padding as zero. */
function byHand(x: Float32Array, dy: Float32Array, { kernel, stride, in: from, out }: Layer): Float32Array {
  const result = new Float32Array(kernel * kernel * channels);
  const before = [0, 1].map((d) => Math.max(0, (out[d]! - 1) * stride + kernel - from[d]!) >> 1) as [
    number,
    number,
  ];
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < out[0]; i++)
      for (let j = 0; j < out[1]; j++)
        for (let u = 0; u < kernel; u++)
          for (let v = 0; v < kernel; v++) {
            const row = i * stride + u - before[0];
            const column = j * stride + v - before[1];
            if (row < 0 || column < 0 || row >= from[0] || column >= from[1]) continue;
            for (let c = 0; c < channels; c++)
              result[(u * kernel + v) * channels + c]! +=
                dy[((b * out[0] + i) * out[1] + j) * channels + c]! *
                x[((b * from[0] + row) * from[1] + column) * channels + c]!;
          }
  return result;
}

it('knows the taps that meet a pixel', () => {
  const side = (kernel: number, stride: number, size: number, out: number, pads?: Layer['pads']) =>
    sideOf({ kernel, stride, in: [size, 1, 1], out: [out, 1, 1], pads } as unknown as Layer, 0);
  expect(side(5, 1, 2, 2)).toMatchObject({ before: 2, after: 2, first: 1, end: 4 });
  expect(side(5, 1, 1, 1)).toMatchObject({ first: 2, end: 3 });
  expect(side(3, 2, 4, 2)).toMatchObject({ before: 0, after: 1, first: 0, end: 3 });
  expect(side(3, 2, 4, 2, [1, 0, 0, 0])).toMatchObject({ before: 1, after: 0, first: 0, end: 3 });
  expect(side(5, 1, 9, 9)).toMatchObject({ first: 0, end: 5 });
});

describe.skipIf(!isSetUp)(`a depthwise kernel's gradient${isSetUp ? '' : ` (skipped: ${REASON})`}`, () => {
  const { folder } = isSetUp ? prepare(1) : { folder: '' };
  afterAll(() => (folder === '' ? undefined : rmSync(folder, { recursive: true, force: true })));

  it.each(cases)('by hand: kernel %i, stride %i, height %i', (kernel, stride, h) => {
    const rng = createRng(`${kernel} ${stride} ${h}`);
    for (const device of ['cpu', 'gpu'] as const)
      for (const w of [h, 2, 6]) {
        const out = [Math.ceil(h / stride), Math.ceil(w / stride), channels] as const;
        const layer = { op: 'dwconv', kernel, stride, in: [h, w, channels], out } as unknown as Layer;
        const random = (count: number) => Float32Array.from({ length: count }, () => rng.normal());
        const x = random(batch * h * w * channels);
        const dy = random(batch * out[0] * out[1] * channels);
        const g = createGraph(device);
        const shape = [batch, h, w, channels];
        const gradientShape = [batch, ...out];
        const fed = [
          placeholder(g, 'x', shape, DType.float),
          placeholder(g, 'dy', gradientShape, DType.float),
        ] as const;
        named(g, 'result', depthwiseKernelGradient(g, fed[0], layer, fed[1], batch));
        const session = openSession(loadBinding(join(directory, 'cpu')), g, folder);
        const feeds = { x: session.tensor(shape, x), dy: session.tensor(gradientShape, dy) };
        const [result] = session.run(feeds, ['result']);
        Object.values(feeds).forEach((id) => session.free(id));
        session.dispose();
        expect(distance(result!, byHand(x, dy, layer))).toBeLessThan(1e-5);
      }
  });
});
