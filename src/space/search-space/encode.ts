import { assertNever } from '../../core/index.js';
import type { Architecture, Block } from '../architecture/architecture.js';
import { blocksOf, strideOf } from './interpret.js';
import type { Field, Part, Plan, Value } from './plan.js';
import { isSpatial, type SpatialBlock } from '../architecture/skip.js';
import { formatBlock } from '../architecture/text.js';

/**
 * The values that mean this architecture's blocks, or undefined when none do. Where several genomes mean the same
 * (an expansion under `dconv`, say), it is the first in the order of fields and options.
 */
export function valuesOf(plan: Plan, architecture: Architecture): ReadonlyMap<string, Value> | undefined {
  const blocks = architecture.blocks.slice(0, -1);
  const tokens = blocks.map(formatBlock);
  const values = new Map<string, Value>();
  /** Positions from which no way leads to the end: part, block, channels read. Holds for one start of h-swish. */
  let dead = new Set<string>();

  const solve = (index: number, at: number, channels: number): boolean => {
    const part = plan.parts[index];
    if (part === undefined) return at === blocks.length;
    const key = `${index}/${at}/${channels}`;
    if (dead.has(key)) return false;
    const found = chooseField(
      part,
      0,
      () => {
        if (part.kind === 'hswish') dead = new Set();
        const made = blocksOf(part, values, channels);
        if (!made.every((block, offset) => formatBlock(block) === tokens[at + offset])) return false;
        return solve(index + 1, at + made.length, widthOf(made) ?? channels);
      },
      blocks[at],
    );
    if (!found) dead.add(key);
    return found;
  };

  const chooseField = (
    part: Part,
    index: number,
    done: () => boolean,
    target: Block | undefined,
  ): boolean => {
    const field = part.fields[index];
    if (field === undefined) return done();
    for (const value of candidates(part, field, values, target)) {
      values.set(field.name, value);
      if (chooseField(part, index + 1, done, target)) return true;
    }
    return false;
  };

  return solve(0, 0, architecture.input[2]) ? values : undefined;
}

/** The `op` that makes a block; a universal bottleneck by the depthwise convolutions that it has. */
function opOf(block: SpatialBlock): string {
  switch (block.kind) {
    case 'cn':
      return 'conv';
    case 'ds':
      return 'dconv';
    case 'ir':
      return 'mbconv';
    case 'ui':
      return block.kernel === null ? 'convnext' : 'extradw';
    default:
      return assertNever(block);
  }
}

/** The options of a field that may lead to this block; the first option where the field has no effect. */
function candidates(
  part: Part,
  field: Field,
  values: ReadonlyMap<string, Value>,
  target: Block | undefined,
): readonly Value[] {
  if (part.kind !== 'stem' && part.kind !== 'stage') return field.options;
  if (target === undefined || !isSpatial(target)) return [];
  const only = (value: Value | undefined) => field.options.filter((option) => option === value);
  const first = field.options.slice(0, 1);
  const op = part.kind === 'stem' ? 'conv' : values.get(`${part.name}.op`);
  switch (field.name.slice(part.name.length + 1)) {
    case 'op':
      return only(opOf(target));
    case 'kernel':
      return only((target.kind === 'ui' ? target.start : target.kernel) ?? undefined);
    case 'stride':
      return field.options.filter((option) => strideOf(option, values) === target.stride);
    case 'filters':
      return only(target.channels);
    case 'activation':
      return only(target.activation);
    case 'expansion':
      return op === 'conv' || op === 'dconv' ? first : field.options;
    case 'se':
      return op === 'dconv' || op === 'mbconv' ? field.options : first;
    default:
      return field.options;
  }
}

function widthOf(blocks: readonly Block[]): number | undefined {
  const last = blocks.findLast(isSpatial);
  return last?.channels;
}
