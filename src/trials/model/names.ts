import { NasError } from '../../core/index.js';

const LEGAL = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

export function isStudyName(name: string): boolean {
  return LEGAL.test(name);
}

/**
 * A study's name is a folder's name, so it may not lead elsewhere: 1 to 64 of `A–Z a–z 0–9 . _ -`, no dot first.
 * @returns the name itself
 * @throws NasError `NAS_BAD_STUDY_NAME`
 */
export function checkStudyName(name: string): string {
  if (isStudyName(name)) return name;
  throw new NasError({
    code: 'NAS_BAD_STUDY_NAME',
    found: `study name ${JSON.stringify(name.slice(0, 80))}`,
    expected: '1 to 64 letters, digits, dots, dashes or underscores, no dot first',
    fix: 'choose a name such as demo-1',
  });
}
