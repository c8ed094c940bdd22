import fc from 'fast-check';
import type {
  Activation,
  Architecture,
  Block,
  DenseBlock,
  Gate,
  Skip,
  SqueezeExcite,
} from '../../src/space/index.js';

/** Limits of generated architectures; small by default, so that they can also be lowered and run. */
export interface ArbitraryOptions {
  /** Most spatial blocks; default 6. */
  readonly blocks?: number;
  /** Largest width; default 48. */
  readonly width?: number;
  /** Largest side of the picture; default 32. */
  readonly side?: number;
}

const activation = fc.constantFrom<Activation>('re', 'r6', 'hs', 'id');
const skip = fc.constantFrom<Skip>('id', 'pool', 'no');
const stride = fc.constantFrom<1 | 2>(1, 2);
const kernel = fc.constantFrom(1, 3, 5, 7, 9, 11);

/** Widths of which some repeat, so that skips apply often. */
function widths(most: number): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(1, 8, 16).map((width) => Math.min(width, most)),
    fc.integer({ min: 1, max: most }),
  );
}

function spatial(most: number): fc.Arbitrary<Block> {
  const channels = widths(most);
  const squeeze: fc.Arbitrary<SqueezeExcite | null> = fc.option(
    fc.record({ channels, gate: fc.constantFrom<Gate>('hsig', 'sig') }),
  );
  const shared = { kernel, stride, channels, activation, skip };
  const optional = fc.option(kernel);
  return fc.oneof(
    fc.record({ kind: fc.constant('cn' as const), ...shared }),
    fc.record({ kind: fc.constant('ds' as const), ...shared, pointwise: activation, squeeze }),
    fc.record({ kind: fc.constant('ir' as const), ...shared, expansion: channels, squeeze }),
    fc
      .record({
        kind: fc.constant('ui' as const),
        ...shared,
        start: optional,
        kernel: optional,
        expansion: channels,
      })
      .map((block) =>
        block.start === null && block.kernel === null ? { ...block, stride: 1 as const } : block,
      ),
  );
}

/** Valid architectures of every kind of block, with skips that apply and skips that do not. */
export function architectures(options: ArbitraryOptions = {}): fc.Arbitrary<Architecture> {
  const { blocks = 6, width = 48, side = 32 } = options;
  const channels = widths(width);
  const dense: fc.Arbitrary<DenseBlock> = fc.record(
    { kind: fc.constant('fc' as const), channels, activation, norm: fc.constant(true as const) },
    { requiredKeys: ['kind', 'channels', 'activation'] },
  );
  return fc
    .record({
      sides: fc.tuple(fc.integer({ min: 1, max: side }), fc.integer({ min: 1, max: side }), channels),
      body: fc.array(spatial(width), { minLength: 1, maxLength: blocks }),
      hidden: fc.array(dense, { maxLength: 2 }),
      classes: channels,
    })
    .map(({ sides, body, hidden, classes }) => ({
      version: 1 as const,
      input: sides,
      // Not drawn, so that the draws stay the same.
      ...((sides[0] + sides[1] + body.length) % 3 === 0 ? { padding: 'symmetric' as const } : {}),
      blocks: [
        ...body,
        { kind: 'gap' as const },
        ...hidden,
        { kind: 'fc' as const, channels: classes, activation: 'id' as const },
      ],
    }));
}
