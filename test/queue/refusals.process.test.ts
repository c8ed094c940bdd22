import { describe, expect, it } from 'vitest';
import { checkHostSpec } from '../../src/pool/index.js';
import { artifactStore, connectQueue, openQueuePool, parseQueueUrl } from '../../src/queue/index.js';
import { fakeSpec, temporaryFolder, until } from '../pool/helpers.js';
import { serveTest, VERSION } from './open-queue.js';
import { noRedis, startRedis } from './redis.js';

const silent = (): void => undefined;

describe.skipIf(noRedis !== undefined)(`a queue that cannot be used (skipped: ${noRedis ?? ''})`, () => {
  it('a server that drops keys is refused at the start', { timeout: 60_000 }, async () => {
    await using redis = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
    await expect(connectQueue(parseQueueUrl(redis.url), silent)).rejects.toMatchObject({
      code: 'NAS_QUEUE_EVICTS',
    });
  });

  it('a server that wants a password says so; the right one is accepted', { timeout: 60_000 }, async () => {
    await using redis = await startRedis(['--requirepass', 's3cret']);
    for (const wrong of [undefined, 'guess']) {
      const refused = connectQueue(parseQueueUrl(redis.url, wrong), silent);
      await expect(refused).rejects.toMatchObject({ code: 'NAS_QUEUE_REFUSED' });
      await expect(refused).rejects.not.toThrow(/guess/);
    }
    await using connection = await connectQueue(parseQueueUrl(redis.url, 's3cret'), silent);
    expect(connection.address.shown).not.toContain('s3cret');
  });

  it('no server is an error that may pass', async () => {
    await expect(connectQueue(parseQueueUrl('redis://127.0.0.1:1'), silent)).rejects.toMatchObject({
      ...{ code: 'NAS_QUEUE_AWAY', fault: 'transient' },
    });
  });

  it(
    'a worker of another version takes no trial and says which versions met',
    { timeout: 120_000 },
    async () => {
      await using redis = await startRedis();
      using folder = temporaryFolder();
      const [stop, done] = [new AbortController(), new AbortController()];
      const lines: string[] = [];
      const notices: string[] = [];
      const log = (line: string): void => void lines.push(line);
      const serving = serveTest({ url: redis.url, version: '1.0.0', signal: stop.signal, log });
      await using connection = await connectQueue(parseQueueUrl(redis.url), silent);
      const opening = openQueuePool({
        ...{ connection, version: VERSION, dataDigest: null, devices: null, log: silent },
        study: { id: 'test', name: 'test' },
        spec: checkHostSpec(fakeSpec(folder.path)),
        artifacts: await artifactStore(folder.path),
        signal: done.signal,
        notice: (line) => notices.push(line),
      });
      opening.catch(silent);
      const text = /platform-nas 9\.9\.9, this worker 1\.0\.0.*install the same/;
      await until(() => notices.some((line) => text.test(line)), 6000);
      expect(lines.some((line) => text.test(line))).toBe(true);
      expect(lines.some((line) => line.includes('starting the host'))).toBe(false);
      done.abort();
      await expect(opening).rejects.toMatchObject({ code: 'NAS_STOPPED' });
      stop.abort();
      await serving;
    },
  );
});
