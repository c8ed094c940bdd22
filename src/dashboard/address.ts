import { isIP } from 'node:net';
import { NasError } from '../core/index.js';

export const DASHBOARD_PORT = 7412;

const LEAST_CHARACTERS = 16;

/** Whether an address names this machine's own loopback, so that no other machine reaches it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Refuses to show studies to others without a token, and a token that can be guessed or cannot stand in a header.
 * @throws NasError `NAS_DASHBOARD_TOKEN`
 */
export function checkAccess(host: string, token: string | null): void {
  if (token === null) {
    if (isLoopback(host)) return;
    throw new NasError({
      code: 'NAS_DASHBOARD_TOKEN',
      found: `--host ${host} lets other machines in, without a token`,
      expected: 'a --token-file, or an address of this machine only (127.0.0.1)',
      fix: 'give --token-file FILE, which is made with a new token, or leave --host out and use ssh -L',
    });
  }
  if (token.length >= LEAST_CHARACTERS && token.length <= 500 && /^[\x21-\x7e]+$/.test(token)) return;
  throw new NasError({
    code: 'NAS_DASHBOARD_TOKEN',
    found: `a token of ${token.length} characters${/^[\x21-\x7e]*$/.test(token) ? '' : ', some of them blanks or not ASCII'}`,
    expected: `${LEAST_CHARACTERS} to 500 letters, digits and marks without blanks`,
    fix: 'choose another token; a --token-file that does not exist is made with a new one',
  });
}

/**
 * Whether a request's Host header may stand there. Another site whose name resolves to this machine (DNS rebinding)
 * sends its own name, so names are refused but for `localhost`, the one listened on and this machine's.
 * @param names further names of this machine
 */
export function hostChecker(host: string, names: readonly string[]): (header: string | undefined) => boolean {
  const known = new Set(['localhost', host, ...names].map((name) => name.toLowerCase()));
  return (header) => {
    const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(header ?? '') ?? [];
    const name = (bracketed ?? plain ?? '').toLowerCase();
    if (isLoopback(name) || known.has(name)) return true;
    // By a number no name is resolved; on the loopback alone there is no other number.
    return !isLoopback(host) && isIP(name) !== 0;
  };
}
