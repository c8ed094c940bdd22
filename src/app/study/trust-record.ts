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
  return readRecord(file)
    .filter((one) => one.path === place && one.id === id)
    .map(({ platform }) => platform);
}

/** Adds to the record what is not in it. @throws the file system's error where it cannot be written */
export function rememberTrust(
  path: string,
  id: string,
  platforms: readonly string[],
  file = trustFile(),
): void {
  const known = trustedAt(path, id, file);
  const lines = platforms
    .filter((platform) => !known.includes(platform))
    .map((platform) => `${JSON.stringify({ path: real(path), id, platform } satisfies Trusted)}\n`);
  if (lines.length === 0) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // One write that appends: two commands at the same time lose nothing of each other.
  appendFileSync(file, lines.join(''), { mode: 0o600 });
}

function readRecord(file: string): readonly Trusted[] {
  try {
    const { uid, mode } = statSync(file);
    const own = uid === process.getuid?.() || uid === 0;
    if (!own || (mode & 0o022) !== 0) return [];
    return readFileSync(file, 'utf8').split('\n').flatMap(readLine);
  } catch {
    return [];
  }
}

/** A line that a full disk cut off is none. */
function readLine(line: string): readonly Trusted[] {
  try {
    const read = trustedSchema.safeParse(JSON.parse(line));
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
