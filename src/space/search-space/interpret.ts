import { assertNever } from '../../core/index.js';
import type {
  Activation,
  Block,
  ConvBlock,
  InvertedBlock,
  SeparableBlock,
  Skip,
  SqueezeExcite,
  UniversalBlock,
} from '../architecture/architecture.js';
import { UNLESS_STEM, type Part, type Value, type Values } from './plan.js';
import { divisible8 } from '../architecture/rounding.js';

/** The blocks that a part means, given its values and the channels it reads; the classifier is not among them. */
export function blocksOf(part: Part, values: Values, inputChannels: number): readonly Block[] {
  switch (part.kind) {
    case 'hswish':
      return [];
    case 'stem':
      return [stemBlock(part.name, values)];
    case 'stage':
      return stageBlocks(part.name, values, inputChannels);
    case 'head':
      return headBlocks(part.name, values, inputChannels);
    default:
      return assertNever(part.kind);
  }
}

function numberAt(values: Values, name: string): number {
  const value = values.get(name);
  if (typeof value !== 'number') throw new TypeError(`no number ${name} in the space`);
  return value;
}

function wordAt(values: Values, name: string): string {
  const value = values.get(name);
  if (typeof value !== 'string') throw new TypeError(`no word ${name} in the space`);
  return value;
}

function stemBlock(name: string, values: Values): ConvBlock {
  return {
    kind: 'cn',
    kernel: numberAt(values, `${name}.kernel`),
    stride: numberAt(values, `${name}.stride`) as 1 | 2,
    channels: numberAt(values, `${name}.filters`),
    activation: wordAt(values, `${name}.activation`) as Activation,
    skip: 'id',
  };
}

/** What a value of a stage's stride means, given the stem's. */
export function strideOf(value: Value | undefined, values: Values): 1 | 2 {
  const behind = values.get('stem.stride') === 2 ? 1 : 2;
  return value === UNLESS_STEM ? behind : value === 2 ? 2 : 1;
}

function stageBlocks(name: string, values: Values, inputChannels: number): readonly Block[] {
  const layers = numberAt(values, `${name}.layers`);
  const channels = numberAt(values, `${name}.filters`);
  const stride = strideOf(values.get(`${name}.stride`), values);
  return Array.from({ length: layers }, (_, layer) =>
    layer === 0 ? stageBlock(name, values, inputChannels, stride) : stageBlock(name, values, channels, 1),
  );
}

function stageBlock(name: string, values: Values, input: number, stride: 1 | 2): Block {
  const channels = numberAt(values, `${name}.filters`);
  const shared = {
    kernel: numberAt(values, `${name}.kernel`),
    stride,
    channels,
    activation: activationOf(name, values),
    skip: plainSkip(wordAt(values, `${name}.skip`) as Skip, stride, input, channels),
  };
  const op = wordAt(values, `${name}.op`);
  if (op === 'conv') return { kind: 'cn', ...shared } satisfies ConvBlock;
  const se = wordAt(values, `${name}.se`);
  if (op === 'dconv') {
    const squeeze = squeezeOf(se, input, input);
    return { kind: 'ds', ...shared, pointwise: 'id', squeeze } satisfies SeparableBlock;
  }
  const expansion = divisible8(input * numberAt(values, `${name}.expansion`));
  if (op === 'extradw' || op === 'convnext') {
    const kernel = op === 'extradw' ? shared.kernel : null;
    return { kind: 'ui', ...shared, start: shared.kernel, kernel, expansion } satisfies UniversalBlock;
  }
  const squeeze = squeezeOf(se, expansion, input);
  return { kind: 'ir', ...shared, expansion, squeeze } satisfies InvertedBlock;
}

function headBlocks(name: string, values: Values, input: number): readonly Block[] {
  const features = numberAt(values, `${name}.features`);
  const expansion = divisible8(input * numberAt(values, `${name}.expansion`));
  const bottleneck = numberAt(values, `${name}.bottleneck`);
  const activation = activationOf(name, values);
  const pointwise = (channels: number): Block => ({
    kind: 'cn',
    kernel: 1,
    stride: 1,
    channels,
    activation,
    skip: 'id',
  });
  if (wordAt(values, `${name}.place`) === 'behind') {
    const dense: Block[] = features === 0 ? [] : [{ kind: 'fc', channels: features, activation }];
    return [pointwise(expansion), { kind: 'gap' }, ...dense];
  }
  const last: Block[] =
    bottleneck === 0
      ? []
      : [
          {
            kind: 'ir',
            kernel: 3,
            stride: 1,
            expansion,
            channels: bottleneck,
            activation,
            squeeze: null,
            skip: 'id',
          },
        ];
  return [...last, ...(features === 0 ? [] : [pointwise(features)]), { kind: 'gap' }];
}

/** The part's own activation, else h-swish from the chosen part on and ReLU before it. */
function activationOf(name: string, values: Values): Activation {
  const own = values.get(`${name}.activation`);
  if (own !== undefined) return own as Activation;
  const from = wordAt(values, 'hswish.from');
  if (from === 'never') return 're';
  if (name === 'head') return 'hs';
  return from !== 'head' && stageNumber(name) >= stageNumber(from) ? 'hs' : 're';
}

function stageNumber(name: string): number {
  return Number(name.slice('stage'.length));
}

/** The default `id` wherever the chosen skip adds nothing, so that equal networks are equal architectures. */
function plainSkip(skip: Skip, stride: 1 | 2, input: number, channels: number): Skip {
  if (skip === 'no') return stride === 1 && input === channels ? 'no' : 'id';
  if (skip === 'pool') return channels >= input ? 'pool' : 'id';
  return 'id';
}

/** `none`, or `<source>/<divisor>-<gate>`: see the definition's `se`. */
function squeezeOf(option: string, expansion: number, input: number): SqueezeExcite | null {
  const [, source, divisor, gate] = /^(expansion|input)\/(\d+)-(hsig|sig)$/.exec(option) ?? [];
  if (source === undefined) return null;
  const channels =
    source === 'expansion'
      ? divisible8(expansion / Number(divisor))
      : Math.max(1, Math.floor(input / Number(divisor)));
  return { channels, gate: gate === 'sig' ? 'sig' : 'hsig' };
}
