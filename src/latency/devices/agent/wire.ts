import { z } from 'zod';

/** What client and agent speak; another number is not understood. */
export const AGENT_PROTOCOL = 1;
export const AGENT_PORT = 7411;
/** Names the client whose bursts may follow each other; see `lease.ts`. */
export const SESSION_HEADER = 'x-nas-session';
export const sessionSchema = z.string().regex(/^[0-9a-f]{32}$/);
export const modelId = /^[0-9a-f]{64}$/;
/** Runs that one request may ask for. */
export const MOST_RUNS = 10_000;

const word = z
  .string()
  .max(300)
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/);

/** Answer to `GET /v1/device`. */
export const deviceSchema = z.object({
  agent: z.literal(AGENT_PROTOCOL),
  /** Version of platform-nas there. */
  version: word,
  /** As in a {@link Fingerprint}; what the client decides is left out. */
  device: z.object({
    backend: word,
    device: z.enum(['cpu', 'gpu']),
    deviceName: word,
    threads: z.int().min(0),
    versions: z.record(word, word),
    cpu: word,
    cores: z.int().min(0),
    os: word,
  }),
  /** Bytes of the largest model that it takes. */
  modelBytes: z.int().min(1),
});
export type AgentDeviceAnswer = z.infer<typeof deviceSchema>;

/** Body of `POST /v1/models/ID/runs`. */
export const runsRequestSchema = z.strictObject({ count: z.int().min(1).max(MOST_RUNS) });

/** Its answer. Fewer runs than asked for, at least one, when they take long: the client asks for the rest. */
export const runsSchema = z.object({
  runsMs: z.array(z.number().positive()).min(1).max(MOST_RUNS),
  /** Step of the clock there by the runs of a sample, ms, where it is to be noticed; each time is then a mean of several. */
  clockStepMs: z.number().positive().optional(),
  /** Digest of the device; another one than before means another device. */
  device: z.string().regex(/^[0-9a-f]{16}$/),
});

/** Body of every answer that is not 2xx. */
export const problemSchema = z.object({ error: z.string() });

/** A text from outside as one short line without control characters. */
export function oneLine(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, 300);
}
