import { z } from 'zod';
import { LIMITS } from './limits.js';

/** Options of one decision: a list without repeats, or a single value that decides it. */
function listOf<T extends z.ZodType<string | number>>(item: T) {
  return z
    .union([item, z.array(item).min(1).max(64)])
    .transform((value) => (Array.isArray(value) ? value : [value]) as z.output<T>[])
    .refine((values) => new Set(values).size === values.length, 'a list without repeats');
}

const width = z.number().int().min(1).max(LIMITS.width);
const kernel = listOf(
  z.literal([1, 3, 5, 7, 9, 11]).describe('Side of the (depthwise) convolution; odd.'),
).describe('Sides of the (depthwise) convolution.');
const stride = listOf(z.literal([1, 2])).describe(
  'Strides at 224×224; 2 becomes 1 where the input is too small for it.',
);
const filters = listOf(width).describe('Output widths.');
const activation = listOf(z.enum(['re', 'r6', 'hs', 'id'])).describe(
  'Activations: re ReLU, r6 ReLU6, hs h-swish, id none. Left out: ReLU, and h-swish from `hswishFrom` on.',
);
const ratio = z.number().min(0.25).max(16);

const stem = z.strictObject({
  kernel: kernel.default([3]),
  stride: stride.default([2]),
  filters: filters.default([32]),
  activation: activation.default(['re']),
});

const stage = z.strictObject({
  op: listOf(z.enum(['conv', 'dconv', 'mbconv']))
    .default(['mbconv'])
    .describe('Full convolution, depthwise separable convolution, or inverted bottleneck.'),
  kernel: kernel.default([3]),
  stride: stride.default([1]),
  expansion: listOf(ratio).default([6]).describe('Expansions of mbconv as ratios to its input width.'),
  se: listOf(
    z
      .string()
      .regex(
        /^(none|(expansion|input)\/([1-9]|[12]\d|3[0-2])-(hsig|sig))$/,
        '"none" or SOURCE/N-GATE with source expansion or input, N from 1 to 32, gate hsig or sig, e.g. "expansion/4-hsig"',
      ),
  )
    .default(['none'])
    .describe(
      'Squeeze-and-excite: none; expansion/4-hsig as MobileNetV3 (divisible by 8, hard sigmoid); input/4-sig as MnasNet (logistic). No effect under conv.',
    ),
  skip: listOf(z.enum(['pool', 'id', 'no']))
    .default(['id'])
    .describe('What is added to a block: its average-pooled input, its input, or nothing.'),
  filters,
  layers: listOf(z.number().int().min(1).max(32)).describe('Numbers of blocks; only the first is strided.'),
  activation: activation.optional(),
});

const head = z.strictObject({
  place: listOf(z.enum(['behind', 'before']))
    .default(['before'])
    .describe(
      'behind: 1×1 convolution, pooling, features as a dense layer (MobileNetV3 §5.1); before: features as a 1×1 convolution, then pooling.',
    ),
  expansion: listOf(ratio)
    .default([6])
    .describe('Width inside the last stage as a ratio to the last stage’s width.'),
  bottleneck: listOf(z.number().int().min(0).max(LIMITS.width))
    .default([0])
    .describe('With place before: output width of a last 3×3 inverted bottleneck; 0 for none.'),
  features: listOf(z.number().int().min(0).max(LIMITS.width))
    .default([1280])
    .describe('Width in front of the classifier; 0 leaves that layer out.'),
  activation: activation.optional(),
});

/** Where h-swish begins when no stage says otherwise: `stage1` …, `head`, or `never`. */
const hswishFrom = listOf(
  z.string().regex(/^(stage[1-9]\d?|head|never)$/, '"stage1", "stage2", …, "head" or "never"'),
)
  .default(['never'])
  .describe('First part with h-swish (MobileNetV3 §5.2): stage1 …, head, or never.');

/**
 * A search space as data: every field is a list of options, and each list with more than one is a choice. The
 * built-in spaces are written in it too.
 */
export const spaceDefinition = z
  .strictObject({
    version: z.literal(1),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'lower-case letters, digits, "-" and "_", a letter first'),
    stem: stem.prefault({}),
    hswishFrom,
    stages: z.array(stage).min(1).max(32),
    head: head.prefault({}),
  })
  .superRefine((definition, context) => {
    for (const [index, from] of definition.hswishFrom.entries()) {
      const number = /^stage(\d+)$/.exec(from)?.[1];
      if (number !== undefined && Number(number) > definition.stages.length)
        context.addIssue({
          code: 'custom',
          path: ['hswishFrom', index],
          message: `a stage that exists: stage1 … stage${definition.stages.length}`,
        });
    }
    checkSizes(definition, (path, message) => context.addIssue({ code: 'custom', path, message }));
  });

/** Refuses what could decode to more blocks or wider layers than an architecture may have. */
function checkSizes(
  definition: {
    readonly stem: z.output<typeof stem>;
    readonly stages: readonly z.output<typeof stage>[];
    readonly head: z.output<typeof head>;
  },
  report: (path: PropertyKey[], message: string) => void,
): void {
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
export type StageDefinition = SpaceDefinition['stages'][number];

/** Legal keys of the part of a definition that a path leads to; for messages. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const shape =
    path[0] === 'stem'
      ? stem.shape
      : path[0] === 'head'
        ? head.shape
        : path[0] === 'stages'
          ? stage.shape
          : spaceDefinition.shape;
  return Object.keys(shape);
}

/** JSON Schema (2020-12) of the file that `--space FILE` reads, made from the schema that checks it. */
export function searchSpaceJsonSchema(): Record<string, unknown> {
  return {
    title: 'platform-nas search space',
    ...z.toJSONSchema(spaceDefinition, { io: 'input' }),
  };
}
