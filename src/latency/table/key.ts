import type { Activation, Gate, Layer, Shape } from '../../space/index.js';

/**
 * One step of a segment of a network. `conv`: full convolution; `dw`: depthwise; `se`: squeeze-and-excite (pooling, two
 * dense layers, product); `gap`: global average pooling; `dense`; `add`: the segment's input is added; `pooladd`: its
 * input is average-pooled (3×3) with the stride, filled up to `channels`, and added.
 */
export type Step =
  | {
      readonly op: 'conv';
      readonly kernel: number;
      readonly stride: number;
      readonly channels: number;
      readonly activation: Activation;
    }
  | {
      readonly op: 'dw';
      readonly kernel: number;
      readonly stride: number;
      readonly activation: Activation;
    }
  | { readonly op: 'se'; readonly channels: number; readonly gate: Gate }
  | { readonly op: 'gap' }
  | { readonly op: 'dense'; readonly channels: number; readonly activation: Activation }
  | { readonly op: 'add' }
  | { readonly op: 'pooladd'; readonly stride: number; readonly channels: number };

/** A segment of a network that has one line in a table: what it reads, and its steps in order. */
export interface Segment {
  readonly input: Shape;
  readonly steps: readonly Step[];
}

const WIDEST = 65_535;
const MOST_STEPS = 16;
const LARGEST_SIZE = 99_999;
const size = '([1-9]\\d{0,4})';
const act = '(re|r6|hs|id)';
const SHAPE = new RegExp(`^${size}x${size}x${size}$`);
/** By the letters that a step begins with. */
const FORMS: Readonly<Record<string, readonly [RegExp, (...groups: (string | undefined)[]) => Step]>> = {
  conv: [
    new RegExp(`^conv${size}(s2)?:${size}:${act}$`),
    (kernel, stride, channels, activation) => ({
      op: 'conv',
      kernel: Number(kernel),
      stride: stride === undefined ? 1 : 2,
      channels: Number(channels),
      activation: activation as Activation,
    }),
  ],
  dw: [
    new RegExp(`^dw${size}(s2)?:${act}$`),
    (kernel, stride, activation) => ({
      op: 'dw',
      kernel: Number(kernel),
      stride: stride === undefined ? 1 : 2,
      activation: activation as Activation,
    }),
  ],
  se: [
    new RegExp(`^se:${size}:(hsig|sig)$`),
    (channels, gate) => ({ op: 'se', channels: Number(channels), gate: gate as Gate }),
  ],
  gap: [/^gap$/, () => ({ op: 'gap' })],
  dense: [
    new RegExp(`^dense:${size}:${act}$`),
    (channels, activation) => ({
      op: 'dense',
      channels: Number(channels),
      activation: activation as Activation,
    }),
  ],
  add: [/^add$/, () => ({ op: 'add' })],
  pooladd: [
    new RegExp(`^pooladd(s2)?:${size}$`),
    (stride, channels) => ({
      op: 'pooladd',
      stride: stride === undefined ? 1 : 2,
      channels: Number(channels),
    }),
  ],
};

/**
 * A table's key, `HxWxC` and the steps, e.g. `28x28x16 conv1:96:hs dw5s2:hs conv1:24:id`: kernel, `s2` where the stride
 * is 2, output channels, activation. The same segment always has the same key.
 */
export function keyOf({ input, steps }: Segment): string {
  return [input.join('x'), ...steps.map(stepText)].join(' ');
}

function stepText(step: Step): string {
  switch (step.op) {
    case 'conv':
      return `conv${step.kernel}${strideText(step.stride)}:${step.channels}:${step.activation}`;
    case 'dw':
      return `dw${step.kernel}${strideText(step.stride)}:${step.activation}`;
    case 'se':
      return `se:${step.channels}:${step.gate}`;
    case 'dense':
      return `dense:${step.channels}:${step.activation}`;
    case 'pooladd':
      return `pooladd${strideText(step.stride)}:${step.channels}`;
    case 'gap':
    case 'add':
      return step.op;
  }
}

function strideText(stride: number): string {
  return stride === 1 ? '' : `s${stride}`;
}

/** The key of a segment of any numbers; null where {@link segmentOf} finds none in it. Quicker than to read it again. */
export function fittingKey(segment: Segment): string | null {
  const sizes = [...segment.input, ...segment.steps.flatMap(sizesOf)];
  const known = segment.steps.length > 0 && segment.steps.length <= MOST_STEPS;
  return known && sizes.every(isSize) && fits(segment) ? keyOf(segment) : null;
}

function isSize(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= LARGEST_SIZE;
}

function sizesOf(step: Step): readonly number[] {
  switch (step.op) {
    case 'conv':
      return [step.kernel, step.channels];
    case 'dw':
      return [step.kernel];
    case 'se':
    case 'dense':
    case 'pooladd':
      return [step.channels];
    case 'gap':
    case 'add':
      return [];
  }
}

/** The segment that a key means, or null when it means none (also where steps do not fit each other). */
export function segmentOf(key: string): Segment | null {
  const [shape = '', ...tokens] = key.split(' ');
  const sides = SHAPE.exec(shape)?.slice(1).map(Number);
  if (sides === undefined || tokens.length === 0 || tokens.length > MOST_STEPS) return null;
  const steps: Step[] = [];
  for (const token of tokens) {
    const step = stepOf(token);
    if (step === null) return null;
    steps.push(step);
  }
  const segment = { input: sides as unknown as Shape, steps };
  return fits(segment) ? frozen(segment) : null;
}

/** A table has tens of thousands: quicker than looking for what may be deeper. */
function frozen({ input, steps }: Segment): Segment {
  for (const step of steps) Object.freeze(step);
  return Object.freeze({ input: Object.freeze(input), steps: Object.freeze(steps) });
}

/** The segment of a key that was checked before. @throws RangeError when it means none (a bug) */
export function knownSegment(key: string): Segment {
  const segment = segmentOf(key);
  if (segment === null) throw new RangeError(`no segment: ${key}`);
  return segment;
}

/** Steps by their words: a table of tens of thousands of pieces has some hundred different ones. */
const KNOWN_STEPS = new Map<string, Step>();
const MOST_KNOWN = 10_000;

function stepOf(token: string): Step | null {
  const known = KNOWN_STEPS.get(token);
  if (known !== undefined) return known;
  const step = readStep(token);
  if (step !== null && KNOWN_STEPS.size < MOST_KNOWN) KNOWN_STEPS.set(token, Object.freeze(step));
  return step;
}

function readStep(token: string): Step | null {
  const [word = ''] = /^(?:pooladd|[a-z]+)/.exec(token) ?? [];
  const form = Object.hasOwn(FORMS, word) ? FORMS[word] : undefined;
  const match = form?.[0].exec(token);
  return form === undefined || match == null ? null : form[1](...match.slice(1));
}

function fits(segment: Segment): boolean {
  let shape = segment.input;
  for (const [index, step] of segment.steps.entries()) {
    const last = index === segment.steps.length - 1;
    const flat = shape[0] === 1 && shape[1] === 1;
    if (step.op === 'dense' && !flat) return false;
    if ((step.op === 'conv' || step.op === 'dw') && step.kernel % 2 === 0) return false;
    if (step.op === 'add' || step.op === 'pooladd') {
      const added = index === 0 ? null : operand(step, segment.input);
      if (!last || (added !== null && added.join() !== shape.join())) return false;
      if (step.op === 'pooladd' && step.channels < segment.input[2]) return false;
    }
    shape = after(step, shape);
    if (shape[2] > WIDEST) return false;
  }
  return true;
}

function operand(step: Step & { op: 'add' | 'pooladd' }, input: Shape): Shape {
  return step.op === 'add' ? input : after(step, input);
}

/** Shape behind a step. */
export function after(step: Step, [height, width, channels]: Shape): Shape {
  const strided = (stride: number, wide: number): Shape => [
    Math.ceil(height / stride),
    Math.ceil(width / stride),
    wide,
  ];
  switch (step.op) {
    case 'conv':
    case 'pooladd':
      return strided(step.stride, step.channels);
    case 'dw':
      return strided(step.stride, channels);
    case 'gap':
      return [1, 1, channels];
    case 'dense':
      return [1, 1, step.channels];
    case 'se':
    case 'add':
      return [height, width, channels];
  }
}

/** Its layers, as a network's: the first reads `input`. Normalised where networks of this project are. */
export function layersOfSegment({ input, steps }: Segment): readonly Layer[] {
  const layers: Layer[] = [];
  let shape = input;
  let from = 'input';
  const push = (name: string, fields: Partial<Layer> & Pick<Layer, 'op' | 'out'>, second?: string): void => {
    const { op, out, kernel = 1 } = fields;
    const multiplies = op === 'conv' || op === 'dwconv' || op === 'dense';
    const depth = op === 'dwconv' ? 1 : shape[2];
    const weights = multiplies ? kernel * kernel * depth * out[2] : 0;
    layers.push({
      name,
      block: 0,
      from: second === undefined ? [from] : [from, second],
      in: shape,
      kernel: 1,
      stride: 1,
      groups: op === 'dwconv' ? out[2] : 1,
      bias: op === 'dense',
      norm: op === 'conv' || op === 'dwconv',
      activation: 'id',
      params: weights + (op === 'dense' ? out[2] : multiplies ? 2 * out[2] : 0),
      madds: weights * out[0] * out[1],
      ...fields,
    });
    from = name;
    shape = out;
  };
  for (const [index, step] of steps.entries()) {
    const out = after(step, step.op === 'pooladd' ? input : shape);
    switch (step.op) {
      case 'conv':
      case 'dw': {
        const { kernel, stride, activation } = step;
        const op = step.op === 'dw' ? 'dwconv' : 'conv';
        push(`${index}.${step.op}`, { op, kernel, stride, activation, out });
        break;
      }
      case 'se': {
        const [wide, whole] = [shape[2], from];
        push(`${index}.squeeze`, { op: 'gap', out: [1, 1, wide] });
        push(`${index}.reduce`, { op: 'dense', activation: 're', out: [1, 1, step.channels] });
        push(`${index}.excite`, { op: 'dense', activation: step.gate, out: [1, 1, wide] });
        const gate = from;
        [from, shape] = [whole, out];
        push(`${index}.scale`, { op: 'scale', out }, gate);
        break;
      }
      case 'gap':
        push(`${index}.gap`, { op: 'gap', out });
        break;
      case 'dense':
        push(`${index}.dense`, { op: 'dense', activation: step.activation, out });
        break;
      case 'add':
        push(`${index}.add`, { op: 'add', out }, 'input');
        break;
      case 'pooladd': {
        const [result, before] = [from, shape];
        [from, shape] = ['input', input];
        push(`${index}.pool`, {
          op: 'avgpool',
          kernel: 3,
          stride: step.stride,
          out: [out[0], out[1], input[2]],
        });
        if (step.channels > input[2]) push(`${index}.pad`, { op: 'pad', out });
        const pooled = from;
        if (index > 0) [from, shape] = [result, before];
        push(`${index}.add`, { op: 'add', out }, pooled);
        break;
      }
    }
  }
  return layers;
}
