import { attribute } from '../../../onnx/index.js';
import { deformableAttention, selfAttention } from './attention.js';
import type { LayerBuilder, MapValue } from './layers.js';
import { tokensOf } from './modules.js';
import type { DetectorSizes } from '../../../detector/index.js';

/** A first box's side on C3, of the picture; twice as long on each further map. */
const BOX = 0.05;
/** Places nearer to the edge than this have no box. */
const EDGE = 1e-2;
const LOGIT_EPSILON = 1e-5;

export interface DecoderValues {
  /** [1, Q, 4]: centre, width and height, of the picture. */
  readonly boxes: string;
  /** [1, Q, classes] from 0 to 1. */
  readonly scores: string;
}

/** RT-DETR's decoder on the encoder's maps (Ultralytics' `RTDETRDecoder`). */
export function decoder(
  builder: LayerBuilder,
  name: string,
  maps: readonly MapValue[],
  sizes: DetectorSizes,
): DecoderValues & { readonly queries: number } {
  const { op } = builder;
  const { hidden, classes, heads, points, feedForward, decoderLayers } = sizes;
  const shapes = maps.map(({ height, width }) => [height, width] as const);
  const tokens = builder.concat(
    `${name}.tokens`,
    maps.map((map, i) => {
      const own = `${name}.input_proj.${i}`;
      const parts = [`${own}.0`, `${own}.1`] as const;
      const projected = builder.convolution(own, map, { outputs: hidden, kernel: 1, parts });
      return tokensOf(builder, `${own}.tokens`, projected);
    }),
    1,
  );
  const { embeddings, places, queries } = querySelection(builder, name, tokens, { shapes, sizes });
  let value = embeddings;
  let boxes = op(`${name}.first`, 'Sigmoid', [places]);
  for (let i = 0; i < decoderLayers; i++) {
    const own = `${name}.decoder.layers.${i}`;
    const position = perceptron(builder, `${name}.query_pos_head`, `${own}.position`, boxes, [
      4,
      2 * hidden,
      hidden,
    ]);
    const attended = selfAttention(builder, `${own}.self_attn`, value, position, { hidden, heads });
    const once = builder.layerNorm(`${own}.norm1`, op(`${own}.sum1`, 'Add', [value, attended]), hidden);
    const query = op(`${own}.query`, 'Add', [once, position]);
    const crossed = deformableAttention(builder, `${own}.cross_attn`, [query, tokens, boxes], {
      ...{ hidden, heads, points, queries, shapes },
    });
    const twice = builder.layerNorm(`${own}.norm2`, op(`${own}.sum2`, 'Add', [once, crossed]), hidden);
    const wide = op(`${own}.act`, 'Relu', [builder.linear(`${own}.linear1`, twice, hidden, feedForward)]);
    const narrow = builder.linear(`${own}.linear2`, wide, feedForward, hidden);
    value = builder.layerNorm(`${own}.norm3`, op(`${own}.sum3`, 'Add', [twice, narrow]), hidden);
    const head = `${name}.dec_bbox_head.${i}`;
    const moved = perceptron(builder, head, head, value, [hidden, hidden, hidden, 4]);
    boxes = op(`${own}.boxes`, 'Sigmoid', [
      op(`${own}.moved`, 'Add', [moved, logit(builder, `${own}.logit`, boxes)]),
    ]);
  }
  const scores = builder.linear(`${name}.dec_score_head.${decoderLayers - 1}`, value, hidden, classes);
  return { boxes, scores: op(`${name}.scores`, 'Sigmoid', [scores]), queries };
}

interface Selection {
  readonly shapes: readonly (readonly [number, number])[];
  readonly sizes: DetectorSizes;
}

/** The best-scored pixels, and their boxes as logits. */
function querySelection(builder: LayerBuilder, name: string, tokens: string, { shapes, sizes }: Selection) {
  const { op } = builder;
  const { hidden, classes } = sizes;
  const { logits, inside } = firstBoxes(shapes);
  const count = inside.length;
  const queries = Math.min(sizes.queries, count);
  const masked = op(`${name}.inside`, 'Mul', [tokens, builder.floats(`${name}.mask`, [1, count, 1], inside)]);
  const made = builder.linear(`${name}.enc_output.0`, masked, hidden, hidden);
  const features = builder.layerNorm(`${name}.enc_output.1`, made, hidden);
  const scores = builder.linear(`${name}.enc_score_head`, features, hidden, classes);
  const best = op(
    `${name}.best`,
    'ReduceMax',
    [scores],
    [attribute.integers('axes', [-1]), attribute.integer('keepdims', 0)],
  );
  const chosen = builder.topIndices(`${name}.chosen`, best, queries);
  const indices = builder.reshape(`${name}.indices`, chosen, [queries]);
  const axis = [attribute.integer('axis', 1)];
  const embeddings = op(`${name}.embeddings`, 'Gather', [features, indices], axis);
  const anchors = builder.floats(`${name}.anchors`, [1, count, 4], logits);
  const base = op(`${name}.base`, 'Gather', [anchors, indices], axis);
  const head = `${name}.enc_bbox_head`;
  const moved = perceptron(builder, head, head, embeddings, [hidden, hidden, hidden, 4]);
  return { embeddings, places: op(`${name}.places`, 'Add', [moved, base]), queries };
}

/** A box around each pixel of each map as logits, infinite where it is too near to the edge, and 1 for those inside. */
function firstBoxes(shapes: readonly (readonly [number, number])[]) {
  const logits: number[] = [];
  const inside: number[] = [];
  for (const [level, [height, width]] of shapes.entries())
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const side = BOX * 2 ** level;
        const box = [(x + 0.5) / width, (y + 0.5) / height, side, side];
        const valid = box.every((value) => value > EDGE && value < 1 - EDGE);
        inside.push(valid ? 1 : 0);
        logits.push(...box.map((value) => (valid ? Math.log(value / (1 - value)) : Infinity)));
      }
  return { logits, inside };
}

/** log(x / (1 - x)), both kept off zero. */
function logit(builder: LayerBuilder, name: string, value: string): string {
  const { op, number } = builder;
  const ends = [number(LOGIT_EPSILON), number(1)];
  const rest = op(`${name}.rest`, 'Sub', [number(1), value]);
  const ratio = op(`${name}.ratio`, 'Div', [
    op(`${name}.clipped`, 'Clip', [value, ...ends]),
    op(`${name}.rest.clipped`, 'Clip', [rest, ...ends]),
  ]);
  return op(name, 'Log', [ratio]);
}

/** Linear layers with ReLU between them, their parameters named `<name>.layers`; values are named after `place`. */
function perceptron(
  builder: LayerBuilder,
  name: string,
  place: string,
  value: string,
  widths: readonly number[],
): string {
  let made = value;
  for (const [i, outputs] of widths.slice(1).entries()) {
    if (i > 0) made = builder.op(`${place}.${i}.act`, 'Relu', [made]);
    made = builder.linear(`${name}.layers.${i}`, made, widths[i] as number, outputs, `${place}.${i}`);
  }
  return made;
}
