import { NasError } from '../../core/index.js';

/** Where a queue is. Only `shown` may be printed or logged. */
export interface QueueAddress {
  /** With user and password. */
  readonly url: string;
  /** Without. */
  readonly shown: string;
}

const PROTOCOLS: readonly string[] = ['redis:', 'rediss:'];

/**
 * Reads a queue's URL: `redis://`, `rediss://` (TLS).
 * @param password of the environment, for a URL that has none, so that it need not stand in a command
 * @throws NasError `NAS_QUEUE_URL`, which repeats no part of the URL but its scheme
 */
export function parseQueueUrl(text: string, password?: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !PROTOCOLS.includes(url.protocol) || url.hostname === '') {
    throw new NasError({
      code: 'NAS_QUEUE_URL',
      found: url === undefined ? 'the URL of the queue cannot be read' : `a queue at ${url.protocol}//…`,
      expected: 'redis://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT for TLS',
      fix: 'correct --queue; NAS_QUEUE_PASSWORD holds a password that is not to stand in the command',
    });
  }
  if (url.password === '' && password !== undefined && password !== '') url.password = password;
  return { url: url.href, shown: `${url.protocol}//${url.host}${url.pathname}` };
}
