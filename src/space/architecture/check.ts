import { NasError, assertNever } from '../../core/index.js';
import type { Architecture, Block, UniversalBlock } from './architecture.js';
import { KERNELS, LIMITS } from './limits.js';
import { isSpatial } from './skip.js';

/** What is wrong with an architecture; `block` is the index of the block at fault, null for the whole. */
export interface ArchitectureProblem {
  readonly block: number | null;
  readonly found: string;
  readonly expected: string;
}

/**
 * Validity: 1…512 blocks; at least one spatial block, then exactly one `gap`, then only `fc`, of which the last
 * is the classifier with activation `id`; every number within its bounds. Returns the first problem.
 */
export function problemOf(architecture: Architecture): ArchitectureProblem | undefined {
  const { blocks, input } = architecture;
  const whole = (found: string, expected: string) => ({ block: null, found, expected });
  if ((architecture.version as number) !== 1) return whole(`version ${architecture.version}`, 'version 1');
  const sides = [LIMITS.side, LIMITS.side, LIMITS.width];
  if ((input as readonly number[]).length !== 3 || !input.every((side, i) => isWithin(side, sides[i] ?? 0)))
    return whole(
      `input ${input.join('x')}`,
      `height and width from 1 to ${LIMITS.side}, channels to ${LIMITS.width}`,
    );
  if (![undefined, 'symmetric'].includes(architecture.padding))
    return whole(`padding ${String(architecture.padding)}`, 'symmetric, or none');
  if (blocks.length === 0 || blocks.length > LIMITS.blocks)
    return whole(`${blocks.length} blocks`, `3 to ${LIMITS.blocks} blocks`);
  for (const [index, block] of blocks.entries()) {
    const wrong = problemOfBlock(block) ?? problemOfOrder(blocks, index);
    if (wrong) return { block: index, ...wrong };
  }
  return undefined;
}

/** Returns its argument. @throws NasError `NAS_BAD_ARCHITECTURE` when it breaks a rule of {@link problemOf} */
export function checkArchitecture(architecture: Architecture): Architecture {
  const problem = problemOf(architecture);
  if (problem) throw badArchitecture(problem, '');
  return architecture;
}

/** Number of classes: the width of the last block. */
export function classesOf(architecture: Architecture): number {
  const last = architecture.blocks.at(-1);
  if (last?.kind !== 'fc') throw new TypeError('architecture without a classifier');
  return last.channels;
}

export function badArchitecture(problem: ArchitectureProblem, where: string): NasError {
  const block = problem.block === null ? '' : `block ${problem.block}${where}: `;
  return new NasError({
    code: 'NAS_BAD_ARCHITECTURE',
    found: `bad architecture: ${block}found ${problem.found}`,
    expected: problem.expected,
  });
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

function problemOfBlock(block: Block): { found: string; expected: string } | undefined {
  const width = (name: string, value: number, most: number = LIMITS.width) =>
    isWithin(value, most)
      ? undefined
      : { found: `${name} ${value}`, expected: `${name} from 1 to ${most}, a whole number` };
  switch (block.kind) {
    case 'gap':
      return undefined;
    case 'fc':
      return width('channels', block.channels, LIMITS.dense);
    case 'ui':
      return (
        problemOfUniversal(block) ?? width('channels', block.channels) ?? width('expansion', block.expansion)
      );
    case 'cn':
      return problemOfKernel(block) ?? width('channels', block.channels);
    case 'ds':
      return (
        problemOfKernel(block) ??
        width('channels', block.channels) ??
        (block.squeeze === null ? undefined : width('squeeze', block.squeeze.channels))
      );
    case 'ir':
      return (
        problemOfKernel(block) ??
        width('channels', block.channels) ??
        width('expansion', block.expansion) ??
        (block.squeeze === null ? undefined : width('squeeze', block.squeeze.channels))
      );
    default:
      return assertNever(block);
  }
}

function problemOfUniversal({ start, kernel, stride }: UniversalBlock) {
  for (const side of [start, kernel]) {
    const wrong = side === null ? undefined : problemOfKernel({ kernel: side, stride });
    if (wrong) return wrong;
  }
  if (start === null && kernel === null && (stride as number) !== 1)
    return { found: `stride ${stride} without a depthwise convolution`, expected: 'stride 1, or "a" or "k"' };
  return undefined;
}

function problemOfKernel(block: { readonly kernel: number; readonly stride: number }) {
  if (!KERNELS.includes(block.kernel))
    return { found: `kernel ${block.kernel}`, expected: `one of ${KERNELS.join(', ')}` };
  if (block.stride !== 1 && block.stride !== 2)
    return { found: `stride ${String(block.stride)}`, expected: 'stride 1 or 2' };
  return undefined;
}

/** Spatial blocks, `gap`, dense blocks, in this order, with a classifier at the end. */
function problemOfOrder(blocks: readonly Block[], index: number) {
  const block = blocks[index] as Block;
  const previous = blocks[index - 1];
  const found = `"${block.kind}"`;
  if (previous === undefined || isSpatial(previous)) {
    if (block.kind === 'fc') return { found, expected: '"gap" before the first "fc"' };
    if (block.kind === 'gap' && previous === undefined)
      return { found, expected: 'a spatial block first: "cn", "ds", "ir" or "ui"' };
  } else if (block.kind !== 'fc') return { found, expected: '"fc": only dense blocks follow "gap"' };
  if (index < blocks.length - 1) return undefined;
  if (block.kind !== 'fc')
    return { found: `${found} at the end`, expected: 'the classifier "fc" at the end' };
  if (block.activation !== 'id')
    return { found: `activation "${block.activation}"`, expected: '"id" for the classifier, the last block' };
  if (block.norm) return { found: '"bn" in the classifier', expected: 'a bias: the last block has no "bn"' };
  return undefined;
}
