import { NasError, deepFreeze, unknownName } from '../../core/index.js';
import type { Architecture, Block, SqueezeExcite } from '../architecture/architecture.js';
import { checkArchitecture } from '../architecture/check.js';
import { PRESET_TABLES, type PresetTable } from './tables.js';
import { divisible8 } from '../architecture/rounding.js';
import type { Task } from '../search-space/search-space.js';
import { isSpatial } from '../architecture/skip.js';
import { adaptStrides } from '../architecture/strides.js';
import { checkTask } from '../architecture/task.js';
import { parseArchitecture } from '../architecture/text.js';

const TABLES: Readonly<Record<string, PresetTable>> = PRESET_TABLES;

/** Published networks, and a baseline of dense convolutions; each also takes a width multiplier, e.g. `mobilenet_v3_large@0.75`. */
export const presetNames: readonly string[] = Object.keys(TABLES);

/**
 * A published network for a task. At 224×224×3 and 1000 classes it is the paper's; other inputs adapt the strides
 * ({@link adaptStrides}). A multiplier from 0.1 to 4 scales every width to a multiple of 8 that is not more than
 * 10 % below, as in the released code; expansions keep their ratio to the block's input.
 * @throws NasError `NAS_UNKNOWN_PRESET`, `NAS_BAD_MULTIPLIER`, `NAS_BAD_TASK`
 */
export function presetArchitecture(name: string, task: Task): Architecture {
  checkTask(task);
  const [base = '', factor, ...rest] = name.split('@');
  const table = Object.hasOwn(TABLES, base) ? TABLES[base] : undefined;
  if (!table) throw unknownName('preset', base, presetNames, 'NAS_UNKNOWN_PRESET');
  const multiplier = factor === undefined ? 1 : parseMultiplier([factor, ...rest].join('@'));
  const original = parseArchitecture(`nas1:224x224x3 ${table.blocks} fc_c1000_id`).blocks.slice(0, -1);
  const scaled = multiplier === 1 ? original : scale(original, table, multiplier);
  const blocks: readonly Block[] = [
    ...fitStrides(scaled, task.input),
    { kind: 'fc', channels: task.classes, activation: 'id' },
  ];
  return deepFreeze(checkArchitecture({ version: 1, input: [...task.input], blocks }));
}

function parseMultiplier(text: string): number {
  const value = /^\d(\.\d{1,4})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0.1 && value <= 4) return value;
  throw new NasError({
    code: 'NAS_BAD_MULTIPLIER',
    found: `width multiplier ${JSON.stringify(text.slice(0, 40))}`,
    expected: 'a number from 0.1 to 4, e.g. mobilenet_v3_large@0.75',
  });
}

function fitStrides(blocks: readonly Block[], input: Task['input']): readonly Block[] {
  const strides = adaptStrides(
    blocks.map((block) => (isSpatial(block) ? block.stride : 1)),
    input,
  );
  return blocks.map((block, index) =>
    isSpatial(block) ? { ...block, stride: strides[index] ?? block.stride } : block,
  );
}

function scale(blocks: readonly Block[], table: PresetTable, multiplier: number): readonly Block[] {
  const features = blocks.findLastIndex((block) => block.kind !== 'gap');
  /** Channels each block reads, before and after scaling. */
  let oldInput = 3;
  let newInput = 3;
  return blocks.map((block, index) => {
    if (block.kind === 'gap') return block;
    const keeps = index === features && isFixed(table.features, multiplier);
    const channels = keeps ? block.channels : divisible8(block.channels * multiplier);
    let scaled: Block = { ...block, channels };
    if (scaled.kind === 'ui')
      scaled = { ...scaled, expansion: divisible8((newInput * scaled.expansion) / oldInput) };
    else if (scaled.kind === 'ir') {
      const expansion = divisible8((newInput * scaled.expansion) / oldInput);
      scaled = { ...scaled, expansion, squeeze: squeezed(scaled.squeeze, table, expansion, newInput) };
    } else if (scaled.kind === 'ds')
      scaled = { ...scaled, squeeze: squeezed(scaled.squeeze, table, newInput, newInput) };
    oldInput = block.channels;
    newInput = channels;
    return scaled;
  });
}

function isFixed(rule: PresetTable['features'], multiplier: number): boolean {
  return rule === 'fixed' || (rule === 'grows' && multiplier < 1);
}

function squeezed(
  squeeze: SqueezeExcite | null,
  table: PresetTable,
  expansion: number,
  input: number,
): SqueezeExcite | null {
  if (squeeze === null) return null;
  const channels =
    table.squeeze === 'expansion' ? divisible8(expansion / 4) : Math.max(1, Math.floor(input / 4));
  return { channels, gate: squeeze.gate };
}
