import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createTcp, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateMultipartUploadCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artifactStore } from '../../src/queue/index.js';
import { describeArtifacts } from '../contract/artifacts.js';

const folder = mkdtempSync(join(tmpdir(), 'nas-s3-'));
let endpoint = '';
let server: S3rver;
let client: S3Client;
let made = 0;

beforeAll(async () => {
  // What the server's documentation names as its only user.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' });
  server = new S3rver({
    ...{ port: 0, address: '127.0.0.1', silent: true, directory: folder },
    configureBuckets: [{ name: 'nas', configs: [] }],
  });
  const { port } = await server.run();
  endpoint = `http://127.0.0.1:${port}`;
  client = new S3Client({ endpoint, forcePathStyle: true, region: 'us-east-1' });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('artifact stores', () => {
  describeArtifacts('a bucket of a real S3 server', async () => {
    const prefix = `study-${++made}`;
    const address = `s3://nas/${prefix}`;
    return {
      store: await artifactStore(address, { endpoint }),
      again: await artifactStore(`${address}/`, { endpoint }),
      async damage(sha256, bytes) {
        const Key = `${prefix}/${sha256.slice(0, 2)}/${sha256}`;
        await client.send(new PutObjectCommand({ Bucket: 'nas', Key, Body: bytes }));
      },
      async names() {
        const { Contents = [] } = await client.send(
          new ListObjectsV2Command({ Bucket: 'nas', Prefix: `${prefix}/` }),
        );
        return Contents.map(({ Key = '' }) => Key);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  });

  it('carries large content over connections that break', { timeout: 120_000 }, async () => {
    await using flaky = await breakingProxy(Number(new URL(endpoint).port), 5 * 1024 * 1024, 3);
    const store = await artifactStore('s3://nas/flaky', { endpoint: `http://127.0.0.1:${flaky.port}` });
    const bytes = randomBytes(20 * 1024 * 1024);
    const ref = await store.put(bytes);
    expect(Buffer.compare(Buffer.from(await store.get(ref)), bytes)).toBe(0);
    expect(flaky.broken()).toBe(3);
  });

  it('writes content whose upload another writer had begun and left', async () => {
    const store = await artifactStore('s3://nas/left', { endpoint });
    const bytes = randomBytes(9 * 1024 * 1024);
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const Key = `left/${sha256.slice(0, 2)}/${sha256}`;
    await client.send(new CreateMultipartUploadCommand({ Bucket: 'nas', Key }));
    const ref = await store.put(bytes);
    expect(await store.get(ref)).toHaveLength(bytes.length);
  });

  it('reports a server that is away, a bucket that is missing, and an address that is none', async () => {
    const away = await artifactStore('s3://nas/x', { endpoint: 'http://127.0.0.1:1' });
    await expect(away.put(randomBytes(1))).rejects.toMatchObject({
      ...{ code: 'NAS_ARTIFACTS', fault: 'transient' },
    });
    const none = await artifactStore('s3://none/x', { endpoint });
    await expect(none.put(randomBytes(1))).rejects.toMatchObject({ code: 'NAS_ARTIFACTS' });
    for (const address of ['s3://', 's3://a b/c', 'ftp://x/y'])
      await expect(artifactStore(address)).rejects.toMatchObject({ code: 'NAS_ARTIFACTS_ADDRESS' });
  });
});

/** A proxy that breaks the first connections after a number of bytes. */
async function breakingProxy(
  port: number,
  after: number,
  times: number,
): Promise<{ readonly port: number; broken(): number } & AsyncDisposable> {
  let broken = 0;
  const sockets = new Set<Socket>();
  const proxy = createTcp((inner) => {
    const outer = connect(port, '127.0.0.1');
    let seen = 0;
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.on('data', (part) => {
        seen += part.length;
        if (seen > after && broken < times) {
          broken++;
          inner.destroy();
          outer.destroy();
        } else to.write(part);
      });
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    broken: () => broken,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
