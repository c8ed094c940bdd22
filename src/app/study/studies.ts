import { accessSync, constants, existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NasError, nearest } from '../../core/index.js';
import { checkStudyName, listStudies, readStudy, skippedFrom, type TrialReader } from '../../trials/index.js';
import type { Places } from '../environment.js';
import { checkSpec, type StudySpec } from './spec.js';

/** A study's folder: trials.sqlite, checkpoints/, exports/, log. The name is checked, so it leads nowhere else. */
export function studyFolder(places: Places, name: string): string {
  return join(places.runs, checkStudyName(name));
}

/**
 * A new study's name, free and in a place where it can be made.
 * @throws NasError `NAS_BAD_STUDY_NAME`, `NAS_STUDY_EXISTS`, `NAS_NOT_WRITABLE`
 */
export function requireNewStudy(places: Places, name: string): void {
  const folder = studyFolder(places, name);
  if (listStudies(places.runs).includes(name)) {
    throw new NasError({
      code: 'NAS_STUDY_EXISTS',
      found: `study ${name} exists already (${folder})`,
      fix: `resume it with --study ${name} --resume, or choose another name with --study`,
    });
  }
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new NasError({
      code: 'NAS_NOT_WRITABLE',
      found: `${folder} is not a folder`,
      fix: 'choose another name with --study, or move it elsewhere',
    });
  }
  let place = folder;
  while (!existsSync(place)) place = dirname(place);
  try {
    accessSync(place, constants.W_OK);
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NOT_WRITABLE',
      found: `${place} cannot be written`,
      fix: 'give yourself the right to write there, or choose another folder with --runs',
      cause,
    });
  }
}

/** The study that was written last, or undefined where there is none. */
export function newestStudy(places: Places): string | undefined {
  const names = listStudies(places.runs);
  const written = (name: string): number => {
    const times = ['trials.sqlite', 'trials.sqlite-wal'].map(
      (file) => statSync(join(places.runs, name, file), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    );
    return Math.max(...times);
  };
  return [...names].sort((a, b) => written(b) - written(a))[0];
}

/** The study that is meant: the named one, else the newest. @throws NasError `NAS_STUDY_MISSING` */
export function meantStudy(places: Places, name: string | undefined): string {
  const legal = listStudies(places.runs);
  const meant = name ?? newestStudy(places);
  if (meant === undefined) {
    throw new NasError({
      code: 'NAS_STUDY_MISSING',
      found: `no study in ${places.runs}`,
      fix: 'nas search --study NAME makes one; --runs DIR looks elsewhere',
    });
  }
  checkStudyName(meant);
  if (!legal.includes(meant)) {
    const place = studyFolder(places, meant);
    const skipped = lstatSync(place, { throwIfNoEntry: false }) && skippedFrom(places.runs, meant);
    if (skipped !== undefined)
      throw new NasError({
        code: 'NAS_STUDY_MISSING',
        found: `${place}: ${skipped.why}`,
        fix: skipped.fix,
      });
    const near = nearest(meant, legal);
    throw new NasError({
      code: 'NAS_STUDY_MISSING',
      found: `no study ${meant} in ${places.runs}`,
      ...(legal.length === 0 ? {} : { expected: `one of ${legal.slice(0, 20).join(', ')}` }),
      fix: near === undefined ? 'nas studies lists them' : `did you mean ${near}?`,
    });
  }
  return meant;
}

/** Opens the meant study for reading; the caller closes it. @throws NasError as {@link meantStudy}, `readStudy` */
export function readMeantStudy(places: Places, name: string | undefined): TrialReader {
  return readStudy(studyFolder(places, meantStudy(places, name)));
}

/**
 * The specification a study was made with, under the name that the study has now.
 * @throws NasError `NAS_BAD_CONFIG` when it is not one of ours
 */
export function specOf({ study }: Pick<TrialReader, 'study'>): StudySpec {
  return { ...checkSpec(study.spec), study: study.name };
}
