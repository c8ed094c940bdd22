import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { buildNetwork, initialWeights, shrink, type Network, type Weights } from '../../src/network/index.js';
import { keptChannels } from '../../src/network/channels.js';
import { importanceOf } from '../../src/network/importance.js';
import { parseArchitecture, type Architecture } from '../../src/space/index.js';
import { forward } from './forward.js';
import { everyOperation, picture, relativeError, smallArchitecture, trained, withWidths } from './samples.js';

const rng = createRng('surgery');

function toWidths(architecture: Architecture, text: string) {
  return shrink({ ...source(architecture), to: buildNetwork(parseArchitecture(text)), rng });
}

function source(architecture: Architecture): { from: Network; weights: Weights } {
  const { network, weights } = trained(architecture);
  return { from: network, weights };
}

/** Sets the filter (and normalisation or bias) of one output channel of a layer to zero. */
function silence(network: Network, weights: Weights, layer: string, channels: readonly number[]): void {
  for (const { name, role } of network.parameters.filter((parameter) => parameter.layer === layer)) {
    if (role === 'mean' || role === 'variance') continue;
    const width = network.layers.find((other) => other.name === layer)!.out[2];
    const values = weights.get(name)!;
    for (let i = 0; i < values.length; i++) if (channels.includes(i % width)) values[i] = 0;
  }
}

/** Squared norms of a layer's filters. */
const kernelNorms = (network: Network, weights: Weights) => (name: string) =>
  importanceOf(
    network.layers.find((layer) => layer.name === name)!,
    weights,
    'l2-raw',
    1e-3,
  );

describe('the importance of filters', () => {
  const { network } = trained(parseArchitecture('nas1:4x4x1 cn_k1_s1_c3_re gap fc_c2_id'));
  const layer = network.layers[0]!;
  const weights: Weights = new Map(
    Object.entries({
      '0.conv.kernel': [3, 4, 1],
      '0.conv.scale': [1, -0.5, 2],
      '0.conv.offset': [0, 0, 0],
      '0.conv.mean': [0, 0, 0],
      '0.conv.variance': [0.24, 0.24, 0.03],
    }).map(([name, values]) => [name, Float32Array.from(values)]),
  );

  // Gains with ε = 0.01: 1/0.5 = 2, −0.5/0.5 = −1, 2/0.2 = 10, so that kernels fold to 6, −4, 10.
  it.each([
    ['l2-raw', [9, 16, 1]],
    ['l2', [36, 16, 100]],
    ['l1', [6, 4, 10]],
    ['bn-scale', [1, 0.5, 2]],
  ] as const)('by %s', (criterion, expected) => {
    const found = importanceOf(layer, weights, criterion, 0.01);
    for (const [c, value] of expected.entries()) expect(found[c]).toBeCloseTo(value, 4);
  });

  it('counts a layer without normalisation by its kernel', () => {
    const dense = network.layers.at(-1)!;
    const one = new Map([['2.dense.kernel', Float32Array.of(1, -2, 3, -4, 0, 1)]]);
    expect([...importanceOf(dense, one, 'bn-scale', 0.01)]).toEqual([4, 7]);
    expect([...importanceOf(dense, one, 'l2', 0.01)]).toEqual([10, 21]);
  });

  it('decides which stay: folding may turn the order of raw norms round', () => {
    const to = buildNetwork(parseArchitecture('nas1:4x4x1 cn_k1_s1_c2_re gap fc_c2_id'));
    const all = new Map([
      ...trained(parseArchitecture('nas1:4x4x1 cn_k1_s1_c3_re gap fc_c2_id')).weights,
      ...weights,
    ]);
    const kept = (criterion: 'l2' | 'l2-raw' | undefined) => [
      ...shrink({ from: network, to, weights: all, rng, criterion, epsilon: 0.01 }).get('0.conv.kernel')!,
    ];
    expect(kept('l2')).toEqual([3, 1]);
    expect(kept('l2-raw')).toEqual([3, 4]);
    expect(kept(undefined)).toEqual([3, 4]);
  });
});

describe('shrink', () => {
  it('changes nothing where no width changes', () => {
    fc.assert(
      fc.property(smallArchitecture, (architecture) => {
        const { from, weights } = source(architecture);
        expect(shrink({ from, weights, to: from, rng })).toEqual(weights);
      }),
      { numRuns: 50 },
    );
  });

  it('fits every network of the same blocks, narrower or wider', () => {
    fc.assert(
      fc.property(
        smallArchitecture,
        fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 40, maxLength: 40 }),
        (architecture, widths) => {
          const { from, weights } = source(architecture);
          const to = buildNetwork(withWidths(architecture, () => widths.pop() ?? 1));
          const result = shrink({ from, weights, to, rng });
          expect([...result].map(([name, values]) => [name, values.length])).toEqual(
            to.parameters.map(({ name, size }) => [name, size]),
          );
          expect(forward(to, result, picture(to)).every(Number.isFinite)).toBe(true);
        },
      ),
    );
  });

  it('does not draw from the stream and leaves the given weights alone where widths fall', () => {
    const { from, weights } = source(everyOperation);
    const before = structuredClone(weights);
    const to = buildNetwork(withWidths(everyOperation, (old) => Math.ceil(old / 2)));
    const other = shrink({ from, weights, to, rng: createRng('another') });
    expect(shrink({ from, weights, to, rng })).toEqual(other);
    expect(weights).toEqual(before);
  });

  it('keeps the filters of largest norm in their order, with their normalisation', () => {
    const text = (channels: number) => `nas1:4x4x1 cn_k1_s1_c${channels}_re gap fc_c2_id`;
    const network = buildNetwork(parseArchitecture(text(4)));
    const weights = new Map(initialWeights(network, rng));
    weights.set('0.conv.kernel', Float32Array.of(0.5, -3, 0.1, 2));
    weights.set('0.conv.mean', Float32Array.of(1, 2, 3, 4));
    weights.set('2.dense.kernel', Float32Array.of(10, 11, 20, 21, 30, 31, 40, 41));
    const result = shrink({ from: network, weights, to: buildNetwork(parseArchitecture(text(2))), rng });
    expect([...(result.get('0.conv.kernel') ?? [])]).toEqual([-3, 2]);
    expect([...(result.get('0.conv.mean') ?? [])]).toEqual([2, 4]);
    expect([...(result.get('2.dense.kernel') ?? [])]).toEqual([20, 21, 40, 41]);
    expect(result.get('2.dense.bias')).toEqual(weights.get('2.dense.bias'));
  });

  it('rates a bottleneck by the sum over all blocks that share it', () => {
    const text = (channels: number) =>
      `nas1:4x4x1 cn_k1_s1_c${channels}_re ir_k1_s1_e2_c${channels}_re gap fc_c2_id`;
    const network = buildNetwork(parseArchitecture(text(3)));
    expect(network.layers.some(({ op }) => op === 'add')).toBe(true);
    const weights = new Map(initialWeights(network, rng));
    // Squared norms 9, 1, 4 and 0, 1 + 9, 4 + 4: alone the first would keep channel 0, together 1 and 2 win.
    weights.set('0.conv.kernel', Float32Array.of(3, 1, 2));
    weights.set('1.project.kernel', Float32Array.of(0, 1, 2, 0, 3, 2));
    const result = shrink({ from: network, weights, to: buildNetwork(parseArchitecture(text(2))), rng });
    expect([...(result.get('0.conv.kernel') ?? [])]).toEqual([1, 2]);
    expect([...(result.get('1.project.kernel') ?? [])]).toEqual([1, 2, 3, 2]);
  });

  it('lets the expansion decide, not the depthwise filters or the gate that follow it', () => {
    const text = (expansion: number) => `nas1:4x4x1 ir_k3_s1_e${expansion}_c2_se2_re gap fc_c2_id`;
    const network = buildNetwork(parseArchitecture(text(3)));
    const weights = new Map(initialWeights(network, rng));
    weights.set('0.expand.kernel', Float32Array.of(2, 0.1, -3));
    const gate = Float32Array.of(1, 90, 3, 4, 80, 6);
    weights.set('0.excite.kernel', gate);
    weights.get('0.depthwise.kernel')!.forEach((_, i, kernel) => (kernel[i] = i % 3 === 1 ? 50 : i));
    const result = shrink({ from: network, weights, to: buildNetwork(parseArchitecture(text(2))), rng });
    expect([...result.get('0.expand.kernel')!]).toEqual([2, -3]);
    expect([...result.get('0.depthwise.kernel')!.slice(0, 4)]).toEqual([0, 2, 3, 5]);
    expect([...result.get('0.excite.kernel')!]).toEqual([1, 3, 4, 6]);
  });

  it('computes the same when the dropped channels were silent, through every operation', () => {
    const narrow = withWidths(everyOperation, (old) => old - 1);
    const { from, weights } = source(everyOperation);
    silence(from, weights, '0.conv', [2]);
    silence(from, weights, '1.depthwise', [2]);
    silence(from, weights, '1.project', [2]);
    silence(from, weights, '2.expand', [0]);
    silence(from, weights, '2.depthwise', [0]);
    silence(from, weights, '2.reduce', [3]);
    silence(from, weights, '2.project', [2, 7]);
    silence(from, weights, '3.expand', [9]);
    silence(from, weights, '3.depthwise', [9]);
    silence(from, weights, '3.reduce', [1]);
    silence(from, weights, '3.project', [2, 7]);
    silence(from, weights, '4.conv', [2, 7]);
    silence(from, weights, '5.depthwise', [2, 7]);
    silence(from, weights, '5.project', [4]);
    silence(from, weights, '6.conv', [5]);
    // 7 and 8 are universal bottlenecks; the first adds its input, and both begin with a depthwise convolution.
    silence(from, weights, '7.start', [5]);
    silence(from, weights, '7.expand', [3]);
    silence(from, weights, '7.depthwise', [3]);
    silence(from, weights, '7.project', [5]);
    silence(from, weights, '8.start', [5]);
    silence(from, weights, '8.expand', [6]);
    silence(from, weights, '8.project', [1]);
    silence(from, weights, '10.dense', [4]);
    silence(from, weights, '11.dense', [10]);
    const to = buildNetwork(withBottleneck(narrow, 8));
    const result = shrink({ from, weights, to, rng });
    const input = picture(from);
    expect(relativeError(forward(to, result, input), forward(from, weights, input))).toBeLessThan(1e-6);
  });

  it('takes back silent channels that were added to any architecture, weight by weight', () => {
    const adds = ({ layers }: Network) => layers.filter(({ op }) => op === 'add').map(({ name }) => name);
    let checked = 0;
    fc.assert(
      fc.property(smallArchitecture, fc.integer({ min: 1, max: 3 }), (architecture, more) => {
        const { from: narrow, weights } = source(architecture);
        const wide = buildNetwork(withWidths(architecture, (old) => old + more));
        if (adds(wide).join() !== adds(narrow).join()) return;
        checked++;
        const widened = shrink({ from: narrow, weights, to: wide, rng });
        for (const [layer, kept] of keptChannels(narrow, wide, kernelNorms(narrow, weights))) {
          const fresh = [...kept.keys()].filter((channel) => kept[channel] === -1);
          silence(wide, widened, layer, fresh);
        }
        const input = picture(narrow);
        const expected = forward(narrow, weights, input);
        expect(relativeError(forward(wide, widened, input), expected)).toBeLessThan(1e-6);
        expect(shrink({ from: wide, weights: widened, to: narrow, rng })).toEqual(weights);
      }),
      { numRuns: 60 },
    );
    expect(checked).toBeGreaterThan(30);
  });

  it('keeps the channels a padded skip is added onto', () => {
    const text = (narrow: number, wide: number) =>
      `nas1:5x5x1 cn_k3_s1_c${narrow}_re cn_k1_s2_c${wide}_re_skippool gap fc_c2_id`;
    const { from, weights } = source(parseArchitecture(text(4, 6)));
    silence(from, weights, '0.conv', [1]);
    silence(from, weights, '1.conv', [1, 2, 4]);
    const to = buildNetwork(parseArchitecture(text(3, 4)));
    expect(to.layers.some(({ op }) => op === 'pad')).toBe(true);
    const result = shrink({ from, weights, to, rng });
    const input = picture(from);
    expect(relativeError(forward(to, result, input), forward(from, weights, input))).toBeLessThan(1e-6);
  });

  it('starts new channels at random and keeps all old ones', () => {
    const text = (channels: number) => `nas1:4x4x1 cn_k3_s1_c${channels}_re gap fc_c2_id`;
    const { from, weights } = source(parseArchitecture(text(3)));
    const to = buildNetwork(parseArchitecture(text(5)));
    const start = initialWeights(to, rng);
    const result = shrink({ from, weights, to, rng });
    const old = weights.get('0.conv.kernel')!;
    const expected = start.get('0.conv.kernel')!.map((value, i) => {
      const channel = i % 5;
      return channel < 3 ? old[Math.floor(i / 5) * 3 + channel]! : value;
    });
    expect(result.get('0.conv.kernel')).toEqual(expected);
    expect([...result.get('0.conv.scale')!.slice(3)]).toEqual([1, 1]);
  });

  it.each([
    ['another kernel size', 'nas1:4x4x1 cn_k5_s1_c3_re gap fc_c2_id'],
    ['another block', 'nas1:4x4x1 ds_k3_s1_c3_re gap fc_c2_id'],
    ['a block more', 'nas1:4x4x1 cn_k3_s1_c3_re cn_k3_s1_c3_re gap fc_c2_id'],
    ['other classes', 'nas1:4x4x1 cn_k3_s1_c3_re gap fc_c4_id'],
    ['other input channels', 'nas1:4x4x3 cn_k3_s1_c3_re gap fc_c2_id'],
  ])('refuses %s', (_, text) => {
    const from = parseArchitecture('nas1:4x4x1 cn_k3_s1_c3_re gap fc_c2_id');
    expect(() => toWidths(from, text)).toThrow(expect.objectContaining({ code: 'NAS_SURGERY_MISMATCH' }));
  });
});

/** Blocks 2 to 4 of the sample share a bottleneck. */
function withBottleneck(architecture: Architecture, channels: number): Architecture {
  return {
    ...architecture,
    blocks: architecture.blocks.map((block, i) =>
      block.kind !== 'gap' && i >= 2 && i <= 4 ? { ...block, channels } : block,
    ),
  };
}
