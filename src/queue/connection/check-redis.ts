import { messageOf, NasError } from '../../core/index.js';
import { packageMissing } from './package-missing.js';
import type { QueueAddress } from './url.js';

/** Ms that the first connection may take. */
const CONNECT_MS = 10_000;

/**
 * Whether a Redis or Valkey server answers and evicts nothing: a queue whose keys are dropped for want of memory loses
 * trials in silence.
 * @throws NasError `NAS_QUEUE_AWAY`, `NAS_QUEUE_REFUSED`, `NAS_QUEUE_EVICTS`
 */
export async function checkRedis({ url, shown }: QueueAddress): Promise<void> {
  const { Redis } = await import('ioredis').catch((error: unknown) => {
    throw packageMissing('ioredis', error);
  });
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let trouble: unknown;
  client.on('error', (error) => (trouble ??= error));
  try {
    await client.connect();
    const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1] ?? 'noeviction';
    if (policy !== 'noeviction') {
      throw new NasError({
        code: 'NAS_QUEUE_EVICTS',
        found: `the server at ${shown} drops keys when its memory is full (maxmemory-policy ${policy})`,
        expected: 'maxmemory-policy noeviction: a queue must lose nothing',
        fix: 'redis-cli config set maxmemory-policy noeviction, and the same in its configuration file',
      });
    }
  } catch (error) {
    if (error instanceof NasError) throw error;
    throw refusal(shown, trouble ?? error);
  } finally {
    client.disconnect();
  }
}

function refusal(shown: string, error: unknown): NasError {
  const text = messageOf(error);
  if (/NOAUTH|WRONGPASS|NOPERM|invalid password|AUTH/.test(text)) {
    return new NasError({
      code: 'NAS_QUEUE_REFUSED',
      found: `the server at ${shown} refuses this user: ${text}`,
      expected: 'a user and a password that it accepts',
      fix: 'put the password into NAS_QUEUE_PASSWORD or into the URL of --queue',
    });
  }
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new NasError({
    code: 'NAS_QUEUE_AWAY',
    found: `no queue at ${shown}: ${text || code || 'no answer'}`,
    expected: 'a Redis or Valkey server (6.2 or later)',
    fix: 'start it (redis-server --maxmemory-policy noeviction --appendonly yes), or correct --queue',
    fault: 'transient',
  });
}
