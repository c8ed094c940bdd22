import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { servePage } from '../../../src/latency/devices/chromium/server.js';

const page = { mediaType: 'text/html', bytes: Buffer.from('a page') };

function ask(address: string, options: { host?: string; method?: string } = {}) {
  const { host, method = 'GET' } = options;
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      request(address, { method, ...(host === undefined ? {} : { headers: { host } }) }, (response) => {
        let text = '';
        response.on('data', (segment: Buffer) => (text += segment.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      })
        .on('error', reject)
        .end();
    },
  );
}

describe('the page server of the platform chromium', () => {
  it('serves its files, isolated from other origins', async () => {
    await using server = await servePage(new Map([['page.html', page]]));
    const { status, headers, text } = await ask(`${server.base}page.html`);
    expect([status, text]).toEqual([200, 'a page']);
    expect(headers).toMatchObject({
      'content-type': 'text/html',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('gives nothing to who does not know the secret path, has another name for us, or writes', async () => {
    await using server = await servePage(new Map([['page.html', page]]));
    const { origin, port } = new URL(server.base);
    const other = await servePage(new Map());
    const wrongToken = new URL(other.base).pathname;
    await other[Symbol.asyncDispose]();
    for (const address of [
      `${origin}/`,
      `${origin}/page.html`,
      `${origin}${wrongToken}page.html`,
      server.base,
      `${server.base}package.json`,
      `${server.base}%2e%2e/page.html`,
      `${server.base}model/1`,
    ])
      expect((await ask(address)).status).toBe(404);
    expect((await ask(`${server.base}page.html`, { host: `elsewhere:${port}` })).status).toBe(404);
    expect((await ask(`${server.base}page.html`, { method: 'POST' })).status).toBe(404);
  });

  it('has a new path each time', async () => {
    await using one = await servePage(new Map());
    await using two = await servePage(new Map());
    expect(new URL(one.base).pathname).toMatch(/^\/[0-9a-f]{48}\/$/);
    expect(new URL(one.base).pathname).not.toBe(new URL(two.base).pathname);
  });

  it('serves a model until it is withdrawn', async () => {
    await using server = await servePage(new Map());
    const [first, second] = [server.offer(Buffer.from('one')), server.offer(Buffer.from('two'))];
    expect((await ask(server.base + first.path)).text).toBe('one');
    first.withdraw();
    expect((await ask(server.base + first.path)).status).toBe(404);
    expect((await ask(server.base + second.path)).text).toBe('two');
  });
});
