import { digest, messageOf, NasError } from '../../core/index.js';
import { joinWords, needsTrust, parsePlatform } from '../../latency/index.js';
import type { Study } from '../../trials/index.js';
import { resolvePlatform } from '../resolve.js';
import { rememberTrust, trustedAt } from './trust-record.js';

/** A file that names latency platforms. */
export interface PlatformSource {
  /** As a message calls it. */
  readonly name: string;
  /** A study's folder, a table's file. */
  readonly path: string;
  /** Distinguishes a study from another one at the same place; empty for a table. */
  readonly id: string;
}

/** Longer ones stand whole in the fix. */
const MOST_SHOWN = 200;

export function studySource(folder: string, study: Study): PlatformSource {
  const { name, createdAt, seed, spaceDigest } = study;
  return { name: `study ${name}`, path: folder, id: digest([createdAt, seed, spaceDigest]).slice(0, 32) };
}

export function tableSource(file: string): PlatformSource {
  return { name: file, path: file, id: '' };
}

/**
 * The one gate between a file and what it makes run. A program (`command:`) is started and an agent gets its token only
 * where the user named the platform in this command, or trusts the file on this machine: because it was made here, or
 * because the platform was named for it before. What is named now is trusted from now on.
 * @param platforms all that the file names
 * @param named by `--platform` in this command
 * @param notice gets what the user should know where trust cannot be remembered
 * @returns those platforms that may be opened, as the file writes them
 * @throws NasError `NAS_PLATFORM_UNTRUSTED`, `NAS_OTHER_PLATFORM` for a named platform that the file does not name
 */
export function requireTrusted(
  source: PlatformSource,
  platforms: readonly string[],
  named: readonly string[] = [],
  notice: (text: string) => void = () => undefined,
): readonly string[] {
  const wanted = platforms.filter((one) => needsTrust(parsePlatform(one)));
  const namedNow = named.map(resolvePlatform);
  const known = new Set([...trustedAt(source.path, source.id), ...namedNow]);
  const other = namedNow.find((one) => !platforms.map(resolvePlatform).includes(one));
  if (other !== undefined) throw otherPlatform(source, platforms, other);
  const refused = wanted.filter((one) => !known.has(resolvePlatform(one)));
  if (refused.length > 0) throw untrusted(source, refused);
  trustFrom(
    source,
    wanted.filter((one) => namedNow.includes(resolvePlatform(one))),
    notice,
  );
  return wanted;
}

/** Trusts what the user named when the file was made. A record that cannot be written costs naming it again. */
export function trustFrom(
  source: PlatformSource,
  platforms: readonly string[],
  notice: (text: string) => void = () => undefined,
): readonly string[] {
  const wanted = platforms.filter((one) => needsTrust(parsePlatform(one)));
  if (wanted.length === 0) return [];
  try {
    rememberTrust(source.path, source.id, wanted.map(resolvePlatform));
  } catch (error) {
    notice(
      `warning: cannot remember that ${source.name} is trusted (${messageOf(error)}); ` +
        'name its --platform again when you use it next',
    );
  }
  return wanted;
}

function untrusted(source: PlatformSource, refused: readonly string[]): NasError {
  const does = refused.map((text) => {
    const spec = parsePlatform(text);
    return spec.kind === 'agent'
      ? `sends the agent's token to ${spec.url}`
      : `runs a program, ${shortened(text)}`;
  });
  return new NasError({
    code: 'NAS_PLATFORM_UNTRUSTED',
    found: `${source.name} ${does.join(' and ')}, and is not trusted on this machine`,
    expected: 'one that was made here and not moved since, or a platform that you name yourself',
    // Quoted, so that the copied words run nothing by themselves.
    fix: `if you trust it, add ${refused.map((text) => `--platform ${joinWords([text])}`).join(' ')}`,
  });
}

function otherPlatform(source: PlatformSource, platforms: readonly string[], other: string): NasError {
  return new NasError({
    code: 'NAS_OTHER_PLATFORM',
    found: `--platform ${other}, but ${source.name} names ${platforms.join(' and ')}`,
    fix: 'leave --platform out, or name the same',
  });
}

function shortened(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}
