import fc from 'fast-check';
import { createRng } from '../../src/core/index.js';
import { buildNetwork, initialWeights, type Network, type Weights } from '../../src/network/index.js';
import type { Architecture, Block } from '../../src/space/index.js';

/** Each kind of block, skip, gate and activation once; a pooled skip padded with zero channels included. */
export const everyOperation: Architecture = {
  version: 1,
  input: [9, 8, 2],
  blocks: [
    { kind: 'cn', kernel: 3, stride: 2, channels: 6, activation: 'hs', skip: 'no' },
    {
      kind: 'ds',
      kernel: 3,
      stride: 1,
      channels: 6,
      activation: 're',
      pointwise: 'id',
      squeeze: null,
      skip: 'id',
    },
    {
      kind: 'ir',
      kernel: 5,
      stride: 2,
      expansion: 12,
      channels: 9,
      activation: 'r6',
      squeeze: { channels: 4, gate: 'hsig' },
      skip: 'pool',
    },
    {
      kind: 'ir',
      kernel: 3,
      stride: 1,
      expansion: 10,
      channels: 9,
      activation: 'hs',
      squeeze: { channels: 3, gate: 'sig' },
      skip: 'id',
    },
    { kind: 'cn', kernel: 1, stride: 1, channels: 9, activation: 're', skip: 'pool' },
    {
      kind: 'ds',
      kernel: 5,
      stride: 1,
      channels: 8,
      activation: 're',
      pointwise: 're',
      squeeze: null,
      skip: 'no',
    },
    { kind: 'cn', kernel: 1, stride: 1, channels: 14, activation: 'hs', skip: 'no' },
    { kind: 'ui', start: 5, kernel: 3, stride: 1, expansion: 20, channels: 14, activation: 're', skip: 'id' },
    {
      kind: 'ui',
      start: 3,
      kernel: null,
      stride: 1,
      expansion: 18,
      channels: 10,
      activation: 'hs',
      skip: 'no',
    },
    { kind: 'gap' },
    { kind: 'fc', channels: 12, activation: 're', norm: true },
    { kind: 'fc', channels: 11, activation: 'hs' },
    { kind: 'fc', channels: 5, activation: 'id' },
  ],
};

const width = fc.integer({ min: 1, max: 12 });
const common = {
  kernel: fc.constantFrom(1, 3, 5),
  stride: fc.constantFrom(1 as const, 1 as const, 2 as const),
  channels: width,
  activation: fc.constantFrom('re' as const, 'r6' as const, 'hs' as const),
  skip: fc.constantFrom('id' as const, 'pool' as const, 'no' as const),
};
const squeeze = fc.option(
  fc.record({ channels: width, gate: fc.constantFrom('hsig' as const, 'sig' as const) }),
);
const spatial: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant('cn' as const), ...common }),
  fc.record({
    kind: fc.constant('ds' as const),
    ...common,
    pointwise: fc.constantFrom('id' as const, 're' as const),
    squeeze,
  }),
  fc.record({ kind: fc.constant('ir' as const), ...common, expansion: width, squeeze }),
  fc
    .record({
      kind: fc.constant('ui' as const),
      ...common,
      start: fc.option(common.kernel),
      kernel: fc.option(common.kernel),
      expansion: width,
    })
    .map((block) =>
      block.start === null && block.kernel === null ? { ...block, stride: 1 as const } : block,
    ),
);

/** Small architectures of any make; widths from 1 to 12. */
export const smallArchitecture: fc.Arbitrary<Architecture> = fc
  .record({
    input: fc.tuple(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 3 }),
    ),
    body: fc.array(spatial, { minLength: 1, maxLength: 5 }),
    head: fc.array(
      fc.record(
        {
          kind: fc.constant('fc' as const),
          channels: width,
          activation: common.activation,
          norm: fc.constant(true as const),
        },
        { requiredKeys: ['kind', 'channels', 'activation'] },
      ),
      {
        maxLength: 1,
      },
    ),
    classes: fc.integer({ min: 2, max: 5 }),
  })
  .map(({ input, body, head, classes }) => ({
    version: 1,
    input,
    // Not drawn, so that the draws stay the same.
    ...((input[0] + input[1] + body.length) % 3 === 0 ? { padding: 'symmetric' } : {}),
    blocks: [...body, { kind: 'gap' }, ...head, { kind: 'fc', channels: classes, activation: 'id' }],
  }));

/** The same blocks with other widths, each drawn by `draw` from the old one; the classes stay. */
export function withWidths(architecture: Architecture, draw: (old: number) => number): Architecture {
  const last = architecture.blocks.length - 1;
  return {
    ...architecture,
    blocks: architecture.blocks.map((block, index) => {
      if (block.kind === 'gap' || index === last) return block;
      const channels = draw(block.channels);
      if (block.kind === 'fc' || block.kind === 'cn') return { ...block, channels };
      if (block.kind === 'ui') return { ...block, channels, expansion: draw(block.expansion) };
      const narrowed = block.squeeze && { ...block.squeeze, channels: draw(block.squeeze.channels) };
      if (block.kind === 'ds') return { ...block, channels, squeeze: narrowed };
      return { ...block, channels, squeeze: narrowed, expansion: draw(block.expansion) };
    }),
  };
}

/** A network with weights as after some training: every parameter random, variances positive. */
export function trained(
  architecture: Architecture,
  seed = 'weights',
): { network: Network; weights: Weights } {
  const network = buildNetwork(architecture);
  const rng = createRng(seed);
  const weights = new Map(
    [...initialWeights(network, rng)].map(([name, values]) => [
      name,
      name.endsWith('.kernel')
        ? values
        : values.map((value) => Math.abs(value + 0.3 * rng.normal()) + (name.endsWith('variance') ? 0.1 : 0)),
    ]),
  );
  return { network, weights };
}

/** A random normalised picture. */
export function picture({ input }: Network, seed = 'picture'): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: input[0] * input[1] * input[2] }, () => rng.normal());
}

/** Largest difference, relative to the largest reference value (at least 1e-3). */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const reference = Array.from(expected);
  const size = Math.max(1e-3, ...reference.map(Math.abs));
  if (actual.length !== reference.length) return Number.POSITIVE_INFINITY;
  return Math.max(...reference.map((value, i) => Math.abs(value - (actual[i] ?? Number.NaN)))) / size;
}
