import { z } from 'zod';
import { ACTIVATIONS, KERNELS, LIMITS, SKIPS } from '../architecture/limits.js';

/** Options of one decision: a list without repeats, or a single value that decides it. */
function listOf<T extends z.ZodType<string | number>>(item: T) {
  return z
    .union([item, z.array(item).min(1).max(64).meta({ uniqueItems: true })])
    .transform((value) => (Array.isArray(value) ? value : [value]) as z.output<T>[])
    .refine((values) => new Set(values).size === values.length, 'a list without repeats');
}

const width = z.number().int().min(1).max(LIMITS.width);
const kernel = listOf(z.literal([...KERNELS])).describe('Sides of the (depthwise) convolution.');
const stride = listOf(z.literal([1, 2])).describe(
  'Strides at 224×224; 2 becomes 1 where the input is too small for it.',
);
const filters = listOf(width).describe('Output widths.');
const activation = listOf(z.enum(ACTIVATIONS)).describe(
  'Activations: re ReLU, r6 ReLU6, hs h-swish, id none. Left out: ReLU, and h-swish from `hswishFrom` on.',
);
const ratio = z.number().min(0.25).max(16);

const stem = z.strictObject({
  kernel: kernel.prefault(3),
  stride: stride.prefault(2),
  surplus: listOf(z.enum(['stem', 'last']))
    .prefault('stem')
    .describe(
      'What gives up its stride 2 first where the input is too small for all: the stem, or the last strided stage.',
    ),
  filters: filters.prefault(32),
  activation: listOf(z.enum(ACTIVATIONS))
    .prefault('re')
    .describe('Activations: re ReLU, r6 ReLU6, hs h-swish, id none.'),
});

const stage = z.strictObject({
  op: listOf(z.enum(['conv', 'dconv', 'mbconv', 'extradw', 'convnext']))
    .prefault('mbconv')
    .describe(
      'Full convolution, depthwise separable convolution, inverted bottleneck, or the universal inverted bottleneck of MobileNetV4 as ExtraDW (a depthwise convolution before and after the expansion) or ConvNext (one before).',
    ),
  kernel: kernel.prefault(3),
  stride: stride.prefault(1),
  expansion: listOf(ratio)
    .prefault(6)
    .describe('Expansions of mbconv, extradw and convnext as ratios to the input width.'),
  se: listOf(
    z
      .string()
      .regex(
        /^(none|(expansion|input)\/([1-9]|[12]\d|3[0-2])-(hsig|sig))$/,
        '"none" or SOURCE/N-GATE with source expansion or input, N from 1 to 32, gate hsig or sig, e.g. "expansion/4-hsig"',
      ),
  )
    .prefault('none')
    .describe(
      'Squeeze-and-excite: none; expansion/4-hsig as MobileNetV3 (divisible by 8, hard sigmoid); input/4-sig as MnasNet (logistic). Only under dconv and mbconv.',
    ),
  skip: listOf(z.enum(SKIPS))
    .prefault('id')
    .describe('What is added to a block: its average-pooled input, its input, or nothing.'),
  filters,
  layers: listOf(z.number().int().min(1).max(32)).describe('Numbers of blocks; only the first is strided.'),
  activation: activation.optional(),
});

const head = z.strictObject({
  place: listOf(z.enum(['behind', 'before']))
    .prefault('before')
    .describe(
      'behind: 1×1 convolution, pooling, features as a dense layer (MobileNetV3 §5.1); before: features as a 1×1 convolution, then pooling.',
    ),
  expansion: listOf(ratio)
    .prefault(6)
    .describe('Width inside the last stage as a ratio to the last stage’s width.'),
  bottleneck: listOf(z.number().int().min(0).max(LIMITS.width))
    .prefault(0)
    .describe('With place before: output width of a last 3×3 inverted bottleneck; 0 for none.'),
  features: listOf(z.number().int().min(0).max(LIMITS.width))
    .prefault(1280)
    .describe('Width in front of the classifier; 0 leaves that layer out.'),
  activation: activation.optional(),
});

/** Where h-swish begins when no stage says otherwise: `stage1` …, `head`, or `never`. */
const hswishFrom = listOf(
  z.string().regex(/^(stage[1-9]\d?|head|never)$/, '"stage1", "stage2", …, "head" or "never"'),
)
  .prefault('never')
  .describe('First part with h-swish (MobileNetV3 §5.2): stage1 …, head, or never.');

const fields = z.strictObject({
  version: z.literal(1),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'lower-case letters, digits, "-" and "_", a letter first'),
  stem: stem.prefault({}),
  hswishFrom,
  stages: z.array(stage).min(1).max(32),
  head: head.prefault({}),
});

type Report = (path: PropertyKey[], message: string) => void;

/**
 * A search space as data: every field is a list of options, and each list with more than one is a choice. The
 * built-in spaces are written in it too.
 */
export const spaceDefinition = fields.transform((definition, context) => {
  const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
  checkStages(definition, report);
  checkSizes(definition, report);
  return definition;
});

/** Refuses a start of h-swish at a stage that is not there. */
function checkStages(definition: z.output<typeof fields>, report: Report): void {
  const stages = definition.stages.length;
  for (const [index, from] of definition.hswishFrom.entries())
    if (from.startsWith('stage') && Number(from.slice('stage'.length)) > stages)
      report(['hswishFrom', index], `a stage that exists: stage1 … stage${stages}`);
}

/** Refuses what could decode to more blocks or wider layers than an architecture may have. */
function checkSizes(definition: z.output<typeof fields>, report: Report): void {
  const layers = definition.stages.reduce((sum, item) => sum + Math.max(...item.layers), 0);
  if (layers > LIMITS.blocks - 8) report(['stages'], `at most ${LIMITS.blocks - 8} layers in all`);
  let input = Math.max(...definition.stem.filters);
  for (const [index, part] of [...definition.stages, definition.head].entries()) {
    const path = index < definition.stages.length ? ['stages', index] : ['head'];
    const inner = 'filters' in part ? Math.max(input, ...part.filters) : input;
    if (inner * Math.max(...part.expansion) > LIMITS.width - 8)
      report([...path, 'expansion'], `expansions to widths of at most ${LIMITS.width - 8}`);
    if ('filters' in part) input = Math.max(...part.filters);
  }
}

export type SpaceDefinition = z.output<typeof spaceDefinition>;
export type SpaceDefinitionInput = z.input<typeof spaceDefinition>;

/** Legal keys of the part of a definition that a path leads to; for messages. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const shape =
    path[0] === 'stem'
      ? stem.shape
      : path[0] === 'head'
        ? head.shape
        : path[0] === 'stages'
          ? stage.shape
          : fields.shape;
  return Object.keys(shape);
}

/** JSON Schema (2020-12) of the file that `--space FILE` reads, made from the schema that checks it. */
export function searchSpaceJsonSchema(): Record<string, unknown> {
  return {
    title: 'platform-nas search space',
    ...z.toJSONSchema(spaceDefinition, { io: 'input' }),
  };
}
