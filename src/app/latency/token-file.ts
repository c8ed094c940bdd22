import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { messageOf, NasError } from '../../core/index.js';
import { makeToken } from '../../latency/index.js';

/** Largest file that is taken for a token's. */
const MOST_BYTES = 4096;

export interface TokenOptions {
  /** A file that holds the token and nothing else; it is made where there is none. */
  readonly file: string | undefined;
  /** Environment variable that holds it otherwise. */
  readonly variable: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Code of the error where the file is of no use. */
  readonly code: `NAS_${string}`;
  readonly onLine: (line: string) => void;
}

export interface GivenToken {
  readonly token: string;
  /** The file or the variable that it comes from. */
  readonly from: string;
}

/**
 * The token that was given, or null. A file that is not there is made with a new token, for its owner only.
 * @throws NasError with the given code where the file can be neither read nor made
 */
export function givenToken({ file, variable, environment, code, onLine }: TokenOptions): GivenToken | null {
  if (file !== undefined) return { token: tokenIn(file, code, onLine), from: file };
  const token = environment[variable];
  return token === undefined || token === '' ? null : { token, from: variable };
}

function tokenIn(file: string, code: TokenOptions['code'], onLine: (line: string) => void): string {
  try {
    if (!existsSync(file)) {
      const token = makeToken();
      writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
      onLine(`a new token is in ${file}`);
      return token;
    }
    const found = statSync(file);
    if (!found.isFile() || found.size > MOST_BYTES) throw new Error('no plain file of one line');
    if ((found.mode & 0o077) !== 0)
      onLine(`other users may read ${file}; chmod 600 ${file} keeps the token to yourself`);
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new NasError({
      code,
      found: `${file} cannot be read (${messageOf(cause)})`,
      expected: 'a file that holds the token, or a place where one can be made',
      fix: 'give another --token-file',
      cause,
    });
  }
}
