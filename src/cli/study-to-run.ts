import { isFinished, isWholeRun, studyFolder, type Places } from '../app/index.js';
import { isNasError } from '../core/index.js';
import { readRunsFolder, readStudy } from '../trials/index.js';

/** Which study `nas start` works on. */
export interface StudyToRun {
  readonly study: string;
  /** Whether it is there already. */
  readonly resumes: boolean;
  /** The next free name. */
  readonly next: string;
}

/**
 * The named study; else the latest whole run, under any name, where it was not finished; else the next free
 * `start-N`.
 */
export function studyToRun(where: Places, named: string | undefined): StudyToRun {
  const { studies, skipped } = readRunsFolder(where.runs);
  const taken = Math.max(0, ...[...studies, ...skipped.map(({ name }) => name)].map(numberOf));
  const next = `start-${taken + 1}`;
  if (named !== undefined) return { study: named, resumes: studies.includes(named), next };
  const latest = studies
    .flatMap((name) => wholeRunOf(where, name) ?? [])
    .sort((a, b) => b.createdAt - a.createdAt || numberOf(b.study) - numberOf(a.study))[0];
  if (latest?.finished === false) return { study: latest.study, resumes: true, next };
  return { study: next, resumes: false, next };
}

/** N of the name `start-N`; 0 for another name. */
function numberOf(name: string): number {
  return Number(/^start-(\d{1,6})$/.exec(name)?.[1] ?? 0);
}

interface WholeRunStudy {
  readonly study: string;
  readonly createdAt: number;
  readonly finished: boolean;
}

/** Undefined for a study of another command, and for one that cannot be read, of which `nas studies` says why. */
function wholeRunOf(where: Places, study: string): WholeRunStudy | undefined {
  try {
    using reader = readStudy(studyFolder(where, study));
    if (!isWholeRun(reader) && numberOf(study) === 0) return undefined;
    return { study, createdAt: reader.study.createdAt, finished: isFinished(reader) };
  } catch (error) {
    if (isNasError(error)) return undefined;
    throw error;
  }
}
