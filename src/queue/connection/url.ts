import { NasError } from '../../core/index.js';

/** Where a queue is. Only `shown` may be printed or logged. */
export interface QueueAddress {
  readonly kind: 'redis' | 'postgres';
  /** With user and password. */
  readonly url: string;
  /** Without. */
  readonly shown: string;
}

const KINDS: Readonly<Record<string, QueueAddress['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/**
 * Reads a queue's URL: `redis://`, `rediss://` (TLS), `postgres://`.
 * @param password of the environment, for a URL that has none, so that it need not stand in a command
 * @throws NasError `NAS_QUEUE_URL`, which repeats no part of the URL but its scheme
 */
export function parseQueueUrl(text: string, password?: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const kind = url === undefined ? undefined : KINDS[url.protocol];
  if (url === undefined || kind === undefined || url.hostname === '') {
    throw new NasError({
      code: 'NAS_QUEUE_URL',
      found: url === undefined ? 'the URL of the queue cannot be read' : `a queue at ${url.protocol}//…`,
      expected: 'redis://HOST:PORT, rediss://USER:PASSWORD@HOST:PORT or postgres://USER@HOST/DATABASE',
      fix: 'correct --queue; NAS_QUEUE_PASSWORD holds a password that is not to stand in the command',
    });
  }
  if (url.password === '' && password !== undefined && password !== '') url.password = password;
  return { kind, url: url.href, shown: `${url.protocol}//${url.host}${url.pathname}` };
}
