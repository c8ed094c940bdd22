import { homedir } from 'node:os';
import { join } from 'node:path';
import { NasError } from '../errors.js';

/**
 * A path with a leading `~` or `~/` replaced by the user's home folder, as a shell does for a bare word but not behind
 * `=` or `:`. A folder that is really called `~` is written `./~`.
 * @throws NasError `NAS_BAD_PATH` for `~name/…`, another user's home folder
 */
export function expandHome(path: string, home: () => string = homedir): string {
  if (!path.startsWith('~')) return path;
  if (path === '~') return home();
  if (path.startsWith('~/')) return join(home(), path.slice(2));
  throw new NasError({
    code: 'NAS_BAD_PATH',
    found: `${JSON.stringify(path.slice(0, 80))} means the home folder of another user`,
    expected: '~ or ~/… for your own home folder',
    fix: `write the whole path, or ./${path.slice(0, 80)} for a file of that name`,
  });
}
