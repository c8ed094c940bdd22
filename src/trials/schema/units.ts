import { z } from 'zod';
import { ms, ratio, type Ms, type Ratio } from '../../core/index.js';

export const msSchema = z
  .number()
  .min(0)
  .transform((value): Ms => ms(value));

export const ratioSchema = z
  .number()
  .min(0)
  .max(1)
  .transform((value): Ratio => ratio(value));

export const secondsSchema = z.number().min(0);

/** A file name of a checkpoint: one name in one folder, nothing that leads out of it. */
export const fileNameSchema = z.string().regex(/^(?!\.)[A-Za-z0-9._-]{1,120}$/, 'expected a plain file name');

/** Text form of an architecture. */
export const architectureTextSchema = z.string().min(1).max(65_536);

/** Losses may be NaN or infinite: a diverged run is reported, not hidden. */
export const anyNumberSchema = z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)]);
