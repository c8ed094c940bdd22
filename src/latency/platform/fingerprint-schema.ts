import { z } from 'zod';
import type { Fingerprint } from './fingerprint.js';

const count = z.int().min(0);
const text = z.string().max(4000);

/** A {@link Fingerprint} that comes from a file or another process. */
export const fingerprintSchema = z.strictObject({
  platform: text,
  batch: count.min(1),
  backend: text,
  device: z.enum(['cpu', 'gpu']),
  deviceName: text,
  threads: count,
  versions: z.record(z.string().max(200), text),
  cpu: text,
  cores: count,
  os: text,
  reference: text.exactOptional(),
  oneCore: z.boolean().exactOptional(),
}) satisfies z.ZodType<Fingerprint>;
