import { z } from 'zod';
import { NasError } from '../../../core/index.js';

/** What a program says of one call. */
export interface Answer {
  /** As many as were asked for; more than that are cut off in front. */
  readonly runsMs: readonly number[];
  readonly device: ReportedDevice;
  /** Whether it takes `--repeat K` and then gives means over K runs in a row, for a clock that is coarse. */
  readonly repeat: boolean;
}

/** Where the program ran the network, in its own words. */
export interface ReportedDevice {
  readonly name: string;
  readonly kind: 'cpu' | 'gpu';
  /** 0: the program does not say. */
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

const FORM = '{"runsMs":[1.25,1.31],"device":"Pixel 8"} as the last line of standard output';
const word = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'no control characters');
const answerSchema = z.object({
  runsMs: z.array(z.number().positive()),
  device: word,
  kind: z.enum(['cpu', 'gpu']).default('cpu'),
  threads: z.int().min(1).max(100_000).optional(),
  versions: z.record(word, word).default({}),
  repeat: z.boolean().default(false),
});

/**
 * Reads the last line of a program's output.
 * @param program how it is called in messages
 * @throws NasError `NAS_COMMAND_OUTPUT` for anything but {@link FORM} with `count` times above 0
 */
export function readAnswer(stdout: string, count: number, program: string): Answer {
  const line = stdout.trimEnd().split(/\r?\n/).at(-1)?.trim() ?? '';
  const parsed = answerSchema.safeParse(parse(line, program));
  if (!parsed.success) throw wrong(program, inWords(parsed.error.issues[0]), FORM);
  const { runsMs, device, kind, threads = 0, versions, repeat } = parsed.data;
  if (runsMs.length < count)
    throw wrong(program, `${runsMs.length} runs in runsMs`, `${count}, as --runs ${count} asked`);
  return { runsMs: runsMs.slice(-count), device: { name: device, kind, threads, versions }, repeat };
}

function parse(line: string, program: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    const what = line === '' ? 'no output' : `a last line that is not JSON: ${shown(line)}`;
    throw wrong(program, what, /\b(NaN|Infinity|nan|inf)\b/.test(line) ? 'numbers, not NaN' : FORM);
  }
}

function inWords(issue: z.core.$ZodIssue | undefined): string {
  const path = (issue?.path ?? []).map((part) =>
    typeof part === 'number' ? `[${part}]` : `.${String(part)}`,
  );
  const place = path.join('').replace(/^\./, '');
  return `a wrong ${place === '' ? 'value' : place} (${issue?.message ?? 'not understood'})`;
}

/** At most 120 characters of a text from outside, quoted, control characters escaped. */
function shown(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

function wrong(program: string, found: string, expected: string): NasError {
  return new NasError({
    code: 'NAS_COMMAND_OUTPUT',
    found: `${program} gave ${found}`,
    expected,
    fix: `run it yourself: ${program} --model FILE.onnx --runs 5 --warmup 1`,
  });
}
