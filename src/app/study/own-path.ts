import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { NasError } from '../../core/index.js';
import type { Places } from '../environment.js';
import { meantStudy, studyFolder } from './studies.js';
import { rememberLinks, trustedLinks } from './trust-record.js';

/** What of a study's folder is read and written by its path; the database admits no link at all. */
const OWN = ['checkpoints', 'exports', 'log'] as const;

/**
 * A path in a study's folder, `ownPath(folder, 'checkpoints', name)`. A received study may hold links, and
 * what is written or removed behind one lies elsewhere: a link out of the study's folder is followed only where the user
 * trusts it ({@link trustLinks}).
 * @throws NasError `NAS_STUDY_LINK`
 */
export function ownPath(folder: string, first: (typeof OWN)[number], ...rest: readonly string[]): string {
  let place = folder;
  for (const part of [first, ...rest]) {
    place = join(place, part);
    const target = linkOut(folder, place);
    if (target === undefined) continue;
    if (!trustedLinks(folder).includes(target)) throw refused(folder, place, target);
    // The user trusts what lies there as well.
    break;
  }
  return join(folder, first, ...rest);
}

/** Before a study is worked on, so that a link is not met hours later. @throws NasError `NAS_STUDY_LINK` */
export function requireOwnPaths(folder: string): void {
  for (const name of OWN) ownPath(folder, name);
}

/** A link in a study's folder: where it stands, below the folder, and where it leads. */
export interface StudyLink {
  readonly name: string;
  readonly target: string;
}

/**
 * Trusts the links that lead out of a study's folder now, on this machine: the user's own, to a larger disk say.
 * @returns those links
 * @throws NasError `NAS_BAD_STUDY_NAME`, `NAS_STUDY_MISSING`, and the file system's error where the record cannot be written
 */
export function trustLinks(places: Places, study: string): readonly StudyLink[] {
  const folder = studyFolder(places, study);
  if (!existsSync(folder)) meantStudy(places, study);
  const links = OWN.flatMap((name) => linksBelow(folder, join(folder, name)));
  rememberLinks(
    folder,
    links.map(({ target }) => target),
  );
  return links;
}

function linksBelow(folder: string, place: string): readonly StudyLink[] {
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() === true) {
    const target = linkOut(folder, place);
    return target === undefined ? [] : [{ name: relative(folder, place), target }];
  }
  return found?.isDirectory() === true
    ? readdirSync(place).flatMap((name) => linksBelow(folder, join(place, name)))
    : [];
}

/** Where a link leads that leaves the folder; undefined for what is no link, is missing, or stays inside. */
function linkOut(folder: string, place: string): string | undefined {
  if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
  const home = realpathSync(folder);
  const target = existsSync(place) ? realpathSync(place) : resolve(dirname(place), readlinkSync(place));
  return target === home || target.startsWith(home + sep) ? undefined : target;
}

function refused(folder: string, place: string, target: string): NasError {
  const study = relative(dirname(folder), folder);
  return new NasError({
    code: 'NAS_STUDY_LINK',
    found: `${place} is a symbolic link to ${target}, outside the study's folder`,
    expected: 'a file or folder of the study itself, or a link that you trust on this machine',
    fix: `remove the link; if it is your own, nas studies --trust-links ${study} allows it (NAS_RUNS keeps all studies on another disk)`,
  });
}
