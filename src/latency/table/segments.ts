import type { Network } from '../../network/index.js';
import type { Activation, Gate, Layer, Shape } from '../../space/index.js';
import { after, keyOf, type Segment, type Step } from './key.js';

/** One block of a network as a table may know it. */
export interface BlockSegments {
  /** Key of the block as a whole. */
  readonly whole: string;
  /**
   * Keys of its parts, which a table of this project has: its convolutions in a row as one, squeeze-and-excite, and
   * what its skip adds. One part only where it has neither.
   */
  readonly parts: readonly string[];
}

/** The segments of a network block by block, in order. @throws RangeError for layers that no block lowers to (a bug) */
export function segmentsOf({ layers }: Pick<Network, 'layers'>): readonly BlockSegments[] {
  const blocks = new Map<number, Layer[]>();
  for (const layer of layers) {
    const block = blocks.get(layer.block);
    if (block === undefined) blocks.set(layer.block, [layer]);
    else block.push(layer);
  }
  return [...blocks.values()].map((block) => {
    const input = (block[0] as Layer).in;
    const steps = stepsOf(block);
    return { whole: keyOf({ input, steps }), parts: partsOf({ input, steps }).map(keyOf) };
  });
}

/** The parts of a segment, see {@link BlockSegments.parts}. */
export function partsOf({ input, steps }: Segment): readonly Segment[] {
  const rest: Step[] = [];
  const apart: Segment[] = [];
  let shape: Shape = input;
  for (const step of steps) {
    if (step.op === 'se' || step.op === 'add') apart.push({ input: shape, steps: [step] });
    else if (step.op === 'pooladd') apart.push({ input, steps: [step] });
    else rest.push(step);
    shape = after(step, shape);
  }
  return rest.length === 0 ? apart : [{ input, steps: rest }, ...apart];
}

function stepsOf(block: readonly Layer[]): Step[] {
  const steps: Step[] = [];
  let pooled: Layer | undefined;
  for (let at = 0; at < block.length; at++) {
    const layer = block[at] as Layer;
    const { op, kernel, stride } = layer;
    const channels = layer.out[2];
    const activation = layer.activation as Activation;
    switch (op) {
      case 'conv':
        steps.push({ op, kernel, stride, channels, activation });
        break;
      case 'dwconv':
        steps.push({ op: 'dw', kernel, stride, activation });
        break;
      case 'gap': {
        const [reduce, excite, scale] = block.slice(at + 1, at + 4);
        if (reduce === undefined || excite === undefined || scale?.op !== 'scale') {
          steps.push({ op: 'gap' });
          break;
        }
        steps.push({ op: 'se', channels: reduce.out[2], gate: excite.activation as Gate });
        at += 3;
        break;
      }
      case 'dense':
        steps.push({ op: 'dense', channels, activation });
        break;
      case 'avgpool':
        pooled = layer;
        break;
      case 'add':
        steps.push(pooled === undefined ? { op } : { op: 'pooladd', stride: pooled.stride, channels });
        break;
      case 'pad':
        break;
      case 'scale':
        throw new RangeError(`layer ${layer.name} scales nothing that was squeezed`);
    }
  }
  return steps;
}
