import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { findCandidates } from '../../src/netadapt/index.js';
import { dimensionsOf, keyOf } from '../../src/netadapt/dimensions.js';
import { expectedLoss } from '../../src/netadapt/expected-loss.js';
import { DEFAULT_SETTINGS } from '../../src/netadapt/settings.js';
import { DIMENSION_KINDS, type DimensionKind } from '../../src/netadapt/state-schema.js';
import { buildNetwork, initialWeights, type Weights } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { fakeMeter, SMALL, trueLatency } from './fakes.js';

const architecture = parseArchitecture(
  'nas1:16x16x3 cn_k3_s1_c8_re ir_k5_s1_e16_c8_re ir_k3_s2_e32_c16_re gap fc_c3_id',
);
const network = buildNetwork(architecture);

/** Kernels by `value` of layer, position in the kernel's window and output channel; everything else as it begins. */
function weightsBy(value: (layer: string, window: number, channel: number) => number): Weights {
  const weights = new Map(initialWeights(network, createRng(1)));
  for (const { name, layer, role, shape } of network.parameters) {
    if (role !== 'kernel') continue;
    const channels = network.layers.find((one) => one.name === layer)!.out[2];
    const perWindow = (shape[2] ?? 1) * (shape[3] ?? 1);
    const values = weights.get(name)!.map((_, i) => value(layer, Math.floor(i / perWindow), i % channels));
    weights.set(name, values);
  }
  return weights;
}

const of = (kind: DimensionKind, block: number) =>
  dimensionsOf(architecture, DIMENSION_KINDS).find((one) => one.kind === kind && one.blocks.includes(block))!;

describe('the expected loss of a proposal', () => {
  it('is the share of importance that its layers lose, added up over them', () => {
    const loss = expectedLoss(
      architecture,
      weightsBy(() => 1),
      'l2-raw',
      1e-3,
    );
    expect(loss(of('expansion', 1), 8)).toBeCloseTo(1 / 2, 6);
    expect(loss(of('expansion', 2), 8)).toBeCloseTo(3 / 4, 6);
    // The stem and the block that is added to it lose the same half.
    expect(loss(of('bottleneck', 1), 4)).toBeCloseTo(1 / 2 + 1 / 2, 6);
    expect(loss(of('expansion', 1), 16)).toBe(0);
  });

  it('is nothing where the filters that go are zero, whatever their number', () => {
    const weights = weightsBy((layer, _, channel) => (layer === '2.expand' && channel >= 8 ? 0 : 1));
    const loss = expectedLoss(architecture, weights, 'l2-raw', 1e-3);
    expect(loss(of('expansion', 2), 8)).toBe(0);
    expect(loss(of('expansion', 1), 8)).toBeGreaterThan(0.4);
  });

  it('is the share of squares in the ring of a kernel; a block left out loses each of its convolutions', () => {
    const even = expectedLoss(
      architecture,
      weightsBy(() => 1),
      'l2',
      1e-3,
    );
    expect(even(of('kernel', 1), 3)).toBeCloseTo(16 / 25, 6);
    const middle = weightsBy((layer, window) => (layer === '1.depthwise' && window !== 12 ? 0 : 1));
    expect(expectedLoss(architecture, middle, 'l2', 1e-3)(of('kernel', 1), 3)).toBe(0);
    expect(even(of('depth', 1), 0)).toBe(3);
  });

  it('decides which proposals are tried first where not all can be', async () => {
    const small = parseArchitecture(SMALL);
    const found = await findCandidates({
      ...{ architecture: small, targetMs: 1, curves: new Map(), deltaMs: 0.02 * trueLatency(SMALL) },
      ...{ presentMs: trueLatency(SMALL), meter: fakeMeter(1), signal: new AbortController().signal },
      settings: { ...DEFAULT_SETTINGS, maxProposals: 3 },
      loss: (dimension) => (dimension.kind === 'expansion' && dimension.blocks[0]! >= 8 ? 0.001 : 1),
    });
    expect(found.candidates).toHaveLength(3);
    for (const { dimension } of found.candidates) expect(keyOf(dimension)).toMatch(/^expansion:(8|9|1\d)$/);
  });
});
