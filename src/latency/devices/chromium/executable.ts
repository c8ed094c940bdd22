import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NasError } from '../../../core/index.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Looked for in the folders of PATH, in this order. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const FIX =
  'install Chromium (Debian: apt-get install chromium) or set NAS_CHROMIUM to the program of a Chromium or Chrome';

/**
 * The path of the system's Chromium: what NAS_CHROMIUM names, else the first found through PATH.
 * @throws NasError `NAS_NO_CHROMIUM`
 */
export function findChromium(environment: Environment): string {
  const named = environment['NAS_CHROMIUM'] ?? '';
  if (named !== '') {
    if (isProgram(named)) return named;
    throw new NasError({
      code: 'NAS_NO_CHROMIUM',
      found: `NAS_CHROMIUM names ${named}, which is no program`,
      expected: 'the path of a Chromium or Chrome',
      fix: FIX,
      fault: 'permanent',
    });
  }
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of NAMES)
    for (const folder of folders) {
      const path = join(folder, name);
      if (isProgram(path)) return path;
    }
  throw new NasError({
    code: 'NAS_NO_CHROMIUM',
    found: 'no Chromium',
    expected: `one of ${NAMES.join(', ')} in a folder of PATH`,
    fix: FIX,
    fault: 'permanent',
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
