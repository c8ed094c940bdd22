import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/latency/table/key.js';
import { repeatedRunnable, runnableOfSegment } from '../../../src/latency/table/network.js';
import { assertWeights } from '../../../src/network/index.js';
import type { Shape } from '../../../src/space/index.js';
import { forward } from '../../network/forward.js';

const INPUT: Shape = [1, 1, 16];
const STEPS: readonly Step[] = [
  { op: 'conv', kernel: 3, stride: 1, channels: 16, activation: 're' },
  { op: 'dense', channels: 16, activation: 're' },
];

describe('repeatedRunnable', () => {
  it.each(STEPS)('is the network of its layers, of which no two have the same weights: %o', (step) => {
    const { network, weights } = repeatedRunnable(INPUT, step, 12);
    expect(network.layers).toEqual(
      runnableOfSegment({ input: INPUT, steps: new Array<Step>(12).fill(step) }).network.layers,
    );
    assertWeights(network, weights);
    const kernels = network.parameters.filter(({ role }) => role === 'kernel');
    expect(kernels).toHaveLength(12);
    // A runtime that finds equal weights may keep them once, and a chain of them would fit any cache.
    expect(new Set(kernels.map(({ name }) => weights.get(name)?.join())).size).toBe(12);
  });

  it.each(STEPS)('lets values neither fade nor grow, however long it is: %o', (step) => {
    const { network, weights } = repeatedRunnable(INPUT, step, 56);
    const found = Array.from(forward(network, weights, new Float32Array(16).fill(0.5)));
    for (const value of found) expect(value === 0 || (value > 1e-6 && value < 1e3)).toBe(true);
    expect(Math.max(...found)).toBeGreaterThan(0.01);
  });
});
