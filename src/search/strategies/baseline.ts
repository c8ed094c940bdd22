import { z } from 'zod';
import type { Json } from '../../core/index.js';

/** Moving averages of rewards and of their squared distance from it: the baseline that policy gradients subtract. `count` rewards seen. */
const baselineSchema = z
  .strictObject({ value: z.number(), variance: z.number(), count: z.int().min(0) })
  .readonly();
export type Baseline = z.infer<typeof baselineSchema>;

/** A saved one; undefined for anything else. */
export function baselineOf(saved: Json | undefined): Baseline | undefined {
  return baselineSchema.safeParse(saved).data;
}

/**
 * The averages after these rewards. The value starts at `centre`, the first rewards' mean; the variance is a plain
 * average until enough rewards are seen for a moving one.
 */
export function follow(
  before: Baseline,
  rewards: readonly number[],
  centre: number,
  decay: number,
): Baseline {
  let { variance, count } = before;
  let value = count === 0 ? centre : before.value;
  for (const reward of rewards) {
    count++;
    const keep = Math.min(decay, 1 - 1 / count);
    variance = keep * variance + (1 - keep) * (reward - value) ** 2;
    value = decay * value + (1 - decay) * reward;
  }
  return { value, variance, count };
}
