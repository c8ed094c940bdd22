import { z } from 'zod';
import { curvePointSchema } from '../../trials/index.js';

const count = z.int().min(0);

/**
 * What a training state says of itself, in addition to the numbers: `state` in the file's `__metadata__`, as JSON.
 * See docs/formats.md.
 */
export const stateHeaderSchema = z
  .strictObject({
    /** What the state belongs to, as its owner names it: architecture, seed, plan, … */
    of: z.record(z.string(), z.json()),
    step: count,
    steps: count.min(1),
    maxSeconds: z.number().positive().nullable(),
    paced: z.boolean(),
    seconds: z.number().min(0),
    loss: z.number(),
    correct: count,
    curve: z.array(curvePointSchema),
  })
  .refine(({ step, steps }) => step <= steps, 'more steps done than there are');
