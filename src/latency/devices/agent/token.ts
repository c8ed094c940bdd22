import { randomBytes } from 'node:crypto';
import { NasError } from '../../../core/index.js';

const LEAST_CHARACTERS = 16;

/** A new token: 192 random bits. */
export function makeToken(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * A token as it can stand in a header.
 * @param from where it comes from, for the message; the token itself is never shown
 * @throws NasError `NAS_AGENT_TOKEN_FORM`
 */
export function checkToken(token: string, from: string): string {
  if (token.length >= LEAST_CHARACTERS && token.length <= 500 && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new NasError({
    code: 'NAS_AGENT_TOKEN_FORM',
    found:
      token === ''
        ? `no token in ${from}`
        : `the agent's token in ${from} has ${token.length} characters${/^[\x21-\x7e]*$/.test(token) ? '' : ', some of them blanks or not ASCII'}`,
    expected: `${LEAST_CHARACTERS} to 500 letters, digits and marks without blanks`,
    fix: 'export NAS_AGENT_TOKEN=… with the same token on both sides; nas agent makes one when it has none',
  });
}
