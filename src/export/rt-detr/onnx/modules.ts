import { attribute } from '../../../onnx/index.js';
import { selfAttention } from './attention.js';
import { convolved, foldedConvolution, type LayerBuilder, type MapValue } from './layers.js';

/** Position code's longest wave, RT-DETR's temperature. */
const TEMPERATURE = 10_000;
const CONVOLUTIONS = 6;

/** RepVGG blocks in one branch, a 1×1 convolution in the other, then their sum (Ultralytics' `RepC3`). */
export function repC3(
  builder: LayerBuilder,
  name: string,
  map: MapValue,
  width: number,
  blocks: number,
): MapValue {
  const pointwise = { outputs: width, kernel: 1, activation: 'silu' } as const;
  let left = builder.convolution(`${name}.cv1`, map, pointwise);
  const right = builder.convolution(`${name}.cv2`, map, pointwise);
  for (let i = 0; i < blocks; i++) left = repConvolution(builder, `${name}.m.${i}`, left);
  return { ...left, name: builder.op(`${name}.sum`, 'Add', [left.name, right.name]) };
}

/** A 3×3 and a parallel 1×1 convolution as one 3×3. */
function repConvolution(builder: LayerBuilder, name: string, map: MapValue): MapValue {
  const { parameters } = builder;
  const { channels } = map;
  const folded = (part: string, kernel: number) =>
    foldedConvolution(
      parameters,
      [`${name}.${part}.conv`, `${name}.${part}.bn`],
      [channels, channels, kernel, kernel],
    );
  const wide = folded('conv1', 3);
  const narrow = folded('conv2', 1);
  const CENTRE = 4;
  return convolved(builder, name, map, {
    shape: [channels, channels, 3, 3],
    values: wide.values.map((value, at) =>
      at % 9 === CENTRE ? value + (narrow.values[(at - CENTRE) / 9] as number) : value,
    ),
    bias: wide.bias.map((value, o) => value + (narrow.bias[o] as number)),
    ...{ stride: 1, groups: 1, pad: 1, activation: 'silu' },
  });
}

/** A transformer layer on a map's pixels (Ultralytics' `AIFI`). */
export function aifi(
  builder: LayerBuilder,
  name: string,
  map: MapValue,
  feedForward: number,
  heads: number,
): MapValue {
  const { op } = builder;
  const { channels, height, width } = map;
  const tokens = tokensOf(builder, `${name}.tokens`, map);
  const code = builder.floats(`${name}.code`, [1, height * width, channels], positionCode(map));
  const attended = selfAttention(builder, `${name}.ma`, tokens, code, { hidden: channels, heads });
  const once = builder.layerNorm(`${name}.norm1`, op(`${name}.sum1`, 'Add', [tokens, attended]), channels);
  const wide = gelu(builder, `${name}.act`, builder.linear(`${name}.fc1`, once, channels, feedForward));
  const narrow = builder.linear(`${name}.fc2`, wide, feedForward, channels);
  const twice = builder.layerNorm(`${name}.norm2`, op(`${name}.sum2`, 'Add', [once, narrow]), channels);
  const turned = builder.transpose(`${name}.turned`, twice, [0, 2, 1]);
  return { ...map, name: builder.reshape(name, turned, [1, channels, height, width]) };
}

/** A map's pixels row by row, [1, H·W, C]. */
export function tokensOf(builder: LayerBuilder, name: string, { name: map, channels }: MapValue): string {
  const flat = builder.reshape(`${name}.flat`, map, [1, channels, -1]);
  return builder.transpose(name, flat, [0, 2, 1]);
}

/** x/2 · (1 + erf(x/√2)) */
function gelu(builder: LayerBuilder, name: string, value: string): string {
  const { op } = builder;
  const scaled = op(`${name}.scaled`, 'Mul', [value, builder.number(Math.SQRT1_2)]);
  const one = op(`${name}.raised`, 'Add', [op(`${name}.erf`, 'Erf', [scaled]), builder.number(1)]);
  const half = op(`${name}.half`, 'Mul', [value, builder.number(0.5)]);
  return op(name, 'Mul', [half, one]);
}

/** Sines and cosines of the row, then of the column, a quarter of the channels each. */
function positionCode({ channels, height, width }: MapValue): Float32Array {
  const quarter = channels / 4;
  const code = new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let i = 0; i < quarter; i++) {
        const wave = TEMPERATURE ** (-i / quarter);
        const at = (y * width + x) * channels + i;
        code[at] = Math.sin(y * wave);
        code[at + quarter] = Math.cos(y * wave);
        code[at + 2 * quarter] = Math.sin(x * wave);
        code[at + 3 * quarter] = Math.cos(x * wave);
      }
  return code;
}

/** HGNetv2's first convolutions, to a quarter of the size. */
export function hgStem(
  builder: LayerBuilder,
  name: string,
  map: MapValue,
  inner: number,
  outputs: number,
): MapValue {
  const relu = { activation: 'relu' } as const;
  /** A row and a column of zeros at the end, so that a 2×2 window keeps the size. */
  const grown = (own: string, before: MapValue): MapValue => ({
    ...before,
    name: builder.op(own, 'Pad', [before.name, builder.whole([0, 0, 0, 0, 0, 0, 1, 1])]),
    ...{ height: before.height + 1, width: before.width + 1 },
  });
  const first = grown(
    `${name}.grown1`,
    builder.convolution(`${name}.stem1`, map, { ...relu, outputs: inner, kernel: 3, stride: 2 }),
  );
  const narrow = { ...relu, outputs: inner / 2, kernel: 2, pad: 0 };
  const second = grown(`${name}.grown2`, builder.convolution(`${name}.stem2a`, first, narrow));
  const right = builder.convolution(`${name}.stem2b`, second, { ...narrow, outputs: inner });
  const left = builder.op(
    `${name}.pool`,
    'MaxPool',
    [first.name],
    [attribute.integers('kernel_shape', [2, 2])],
  );
  const joined = {
    ...{ ...right, channels: 2 * inner },
    name: builder.concat(`${name}.joined`, [left, right.name], 1),
  };
  const third = builder.convolution(`${name}.stem3`, joined, {
    ...{ ...relu, outputs: inner, kernel: 3, stride: 2 },
  });
  return builder.convolution(`${name}.stem4`, third, { ...relu, outputs, kernel: 1 });
}

export interface HgBlock {
  readonly inner: number;
  readonly outputs: number;
  readonly kernel: number;
  /** A 1×1 and a depthwise convolution instead of each full one. */
  readonly light: boolean;
  readonly skip: boolean;
}

/** Convolutions in a row, all their results concatenated with the input, squeezed to half the width, then widened. */
export function hgBlock(
  builder: LayerBuilder,
  name: string,
  map: MapValue,
  { inner, outputs, kernel, light, skip }: HgBlock,
): MapValue {
  const relu = { activation: 'relu' } as const;
  const maps = [map];
  for (let i = 0; i < CONVOLUTIONS; i++) {
    const own = `${name}.m.${i}`;
    const last = maps.at(-1) as MapValue;
    const pointwise = light
      ? builder.convolution(`${own}.conv1`, last, { outputs: inner, kernel: 1 })
      : undefined;
    maps.push(
      pointwise === undefined
        ? builder.convolution(own, last, { ...relu, outputs: inner, kernel })
        : builder.convolution(`${own}.conv2`, pointwise, { ...relu, outputs: inner, kernel, groups: inner }),
    );
  }
  const joined = {
    ...map,
    channels: map.channels + CONVOLUTIONS * inner,
    name: builder.concat(
      `${name}.joined`,
      maps.map((each) => each.name),
      1,
    ),
  };
  const squeezed = builder.convolution(`${name}.sc`, joined, { ...relu, outputs: outputs / 2, kernel: 1 });
  const made = builder.convolution(`${name}.ec`, squeezed, { ...relu, outputs, kernel: 1 });
  return skip ? { ...made, name: builder.op(`${name}.sum`, 'Add', [made.name, map.name]) } : made;
}
