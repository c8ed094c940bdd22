import { z } from 'zod';
import { NasError, deepFreeze, type JsonObject } from '../../core/index.js';
import type { Architecture } from './architecture.js';
import { checkArchitecture } from './check.js';
import { ACTIVATIONS, GATES, LIMITS, SKIPS } from './limits.js';

const activation = z.enum(ACTIVATIONS);
const skip = z.enum(SKIPS);
const whole = z.number().int().positive();
const stride = z.union([z.literal(1), z.literal(2)]);
const squeeze = z.strictObject({ channels: whole, gate: z.enum(GATES) }).nullable();

const block = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cn'), kernel: whole, stride, channels: whole, activation, skip }),
  z.strictObject({
    kind: z.literal('ds'),
    kernel: whole,
    stride,
    channels: whole,
    activation,
    pointwise: activation,
    squeeze,
    skip,
  }),
  z.strictObject({
    kind: z.literal('ir'),
    kernel: whole,
    stride,
    expansion: whole,
    channels: whole,
    activation,
    squeeze,
    skip,
  }),
  z.strictObject({
    kind: z.literal('ui'),
    start: whole.nullable(),
    kernel: whole.nullable(),
    stride,
    expansion: whole,
    channels: whole,
    activation,
    skip,
  }),
  z.strictObject({ kind: z.literal('gap') }),
  z.strictObject({
    kind: z.literal('fc'),
    channels: whole,
    activation,
    norm: z.literal(true).exactOptional(),
  }),
]);

const architecture = z.strictObject({
  version: z.literal(1),
  input: z.tuple([whole, whole, whole]),
  padding: z.literal('symmetric').exactOptional(),
  blocks: z.array(block).max(LIMITS.blocks),
});

/**
 * Checks unknown data, e.g. parsed JSON, and freezes a copy of it.
 * @throws NasError `NAS_BAD_ARCHITECTURE` with the path of the first error
 */
export function architectureFromJson(value: unknown): Architecture {
  const result = architecture.safeParse(value);
  if (result.success) return deepFreeze(checkArchitecture(result.data));
  const issue = result.error.issues[0];
  throw new NasError({
    code: 'NAS_BAD_ARCHITECTURE',
    found: `bad architecture at ${issue?.path.join('.') || 'the top'}`,
    expected: issue?.message ?? 'an architecture',
    cause: result.error,
  });
}

/** A plain copy that {@link architectureFromJson} reads back to an equal architecture. */
export function toJson(architecture: Architecture): JsonObject {
  return structuredClone(architecture) as unknown as JsonObject;
}
