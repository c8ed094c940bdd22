import { appendFileSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';

/** One platform that this user trusts in one study or table; a line of the record. */
const trustedSchema = z.object({
  /** Whole path of the study's folder or the table's file, links resolved. */
  path: z.string(),
  /** Of a study; empty for a table. */
  id: z.string(),
  platform: z.string(),
});
export type Trusted = z.infer<typeof trustedSchema>;

/** A link in a study's folder that may lead out of it; a line of the record. */
const linkSchema = z.object({
  /** Whole path of the study's folder, links resolved. */
  path: z.string(),
  /** Whole path that it leads to. */
  link: z.string(),
});

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where this user's trust is kept, on this machine and outside every study: `platform-nas/trusted` in `XDG_STATE_HOME`, or
 * in `~/.local/state`.
 */
export function trustFile(environment: Environment = process.env): string {
  const given = environment['XDG_STATE_HOME'] ?? '';
  const state = isAbsolute(given) ? given : join(homedir(), '.local', 'state');
  return join(state, 'platform-nas', 'trusted');
}

/** The platforms that are trusted there; none where the record cannot be read, or others may write it. */
export function trustedAt(path: string, id: string, file = trustFile()): readonly string[] {
  const place = real(path);
  return readRecord(trustedSchema, file)
    .filter((one) => one.path === place && one.id === id)
    .map(({ platform }) => platform);
}

/** Where links in a study's folder may lead; nowhere as for {@link trustedAt}. */
export function trustedLinks(folder: string, file = trustFile()): readonly string[] {
  const place = real(folder);
  return readRecord(linkSchema, file)
    .filter(({ path }) => path === place)
    .map(({ link }) => link);
}

/** Adds to the record what is not in it. @throws the file system's error where it cannot be written */
export function rememberTrust(
  path: string,
  id: string,
  platforms: readonly string[],
  file = trustFile(),
): void {
  const known = trustedAt(path, id, file);
  append(
    platforms
      .filter((platform) => !known.includes(platform))
      .map((platform) => ({ path: real(path), id, platform }) satisfies Trusted),
    file,
  );
}

/** As {@link rememberTrust}, of links. */
export function rememberLinks(folder: string, targets: readonly string[], file = trustFile()): void {
  const known = trustedLinks(folder, file);
  append(
    targets.filter((link) => !known.includes(link)).map((link) => ({ path: real(folder), link })),
    file,
  );
}

function append(lines: readonly object[], file: string): void {
  if (lines.length === 0) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // One write that appends: two commands at the same time lose nothing of each other.
  appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
}

function readRecord<T>(schema: z.ZodType<T>, file: string): readonly T[] {
  try {
    const { uid, mode } = statSync(file);
    const own = uid === process.getuid?.() || uid === 0;
    if (!own || (mode & 0o022) !== 0) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => readLine(schema, line));
  } catch {
    return [];
  }
}

/** A line that a full disk cut off is none. */
function readLine<T>(schema: z.ZodType<T>, line: string): readonly T[] {
  try {
    const read = schema.safeParse(JSON.parse(line));
    return read.success ? [read.data] : [];
  } catch {
    return [];
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
