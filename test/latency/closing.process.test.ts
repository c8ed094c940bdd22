import { mkdirSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAgent } from '../../src/latency/devices/agent/index.js';
import { startPool, type HostSpecInput, type Pool } from '../../src/pool/index.js';
import { quickRecipe } from '../../src/train/index.js';
import { writePictures } from '../app/pictures.js';
import { fakeSpec, goOn, job, never, temporaryFolder, until } from '../pool/helpers.js';
import { TOKEN } from './agent/samples.js';
import { groupsIn, lives, missing } from './chromium/chromium.js';

const TEXT = 'nas1:12x12x3 cn_k3_s2_c8_re gap fc_c2_id';
const program = new URL('command/program.mjs', import.meta.url).pathname;

/** A pool that trains for real on small pictures; what its platforms write lies in `folder`/temporary. */
async function openPool(folder: string, platform: string, also: readonly string[] = []): Promise<Pool> {
  await writePictures(join(folder, 'pictures'), 12, 20);
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  const base = fakeSpec(folder);
  const spec: HostSpecInput = {
    ...base,
    backend: { kind: 'reference' },
    data: {
      name: `images:${join(folder, 'pictures')}`,
      folder,
      heldOut: 0.2,
      seed: '1',
      size: 12,
      limit: null,
    },
    recipe: { ...quickRecipe, batch: 8 },
    latency: {
      ...base.latency,
      platform,
      trusted: [platform, ...also],
      also: also.map((name) => ({ platform: name, targetMs: 100 })),
      protocol: { ...base.latency.protocol, warmupRuns: 1, minRuns: 1, maxRuns: 1 },
    },
    graceSeconds: 10,
  };
  const environment = { ...process.env, TMPDIR: temporary, NAS_AGENT_TOKEN: TOKEN };
  return startPool(spec, { signal: never, log: () => undefined, environment });
}

/** Stands before an agent and notes what it is asked. */
async function noting(agent: string): Promise<{ url: string; asked: string[] } & AsyncDisposable> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const segments: Buffer[] = [];
      for await (const segment of request) segments.push(segment as Buffer);
      const { method = 'GET', url = '/', headers } = request;
      asked.push(`${method} ${url}`);
      const answer = await fetch(`${agent}${url}`, {
        method,
        headers: {
          authorization: headers.authorization ?? '',
          'x-nas-session': String(headers['x-nas-session']),
        },
        ...(segments.length === 0 ? {} : { body: Buffer.concat(segments) }),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a host that ends in order closes the platforms of all its threads', { timeout: 240_000 }, () => {
  it('removes what command wrote and takes its networks from an agent', async () => {
    using folder = temporaryFolder();
    await using agent = await startAgent({
      ...{ host: '127.0.0.1', port: 0, token: TOKEN, threads: 1, version: '0.0.0' },
      environment: process.env,
    });
    await using before = await noting(agent.url);
    const pool = await openPool(folder.path, `command:node ${program} good`, [`agent:${before.url}`]);
    const train = (trial: number) => pool.evaluate(job(trial, { text: TEXT }), never, goOn);
    const [first, second] = await Promise.all([train(1), train(2), pool.measure([TEXT], never)]);
    expect([first.state, second.state]).toEqual(['done', 'done']);
    // A thread each for two trainings and the measurement.
    const folders = readdirSync(join(folder.path, 'temporary')).filter((name) =>
      name.startsWith('nas-command-'),
    );
    expect(folders).toHaveLength(3);
    await pool[Symbol.asyncDispose]();
    expect(readdirSync(join(folder.path, 'temporary'))).toEqual([]);
    const models = (method: string) =>
      new Set(
        before.asked
          .filter((line) => line.startsWith(`${method} /v1/models/`) && !line.endsWith('/runs'))
          .map((line) => line.slice(method.length)),
      );
    expect(models('PUT').size).toBeGreaterThan(1);
    expect(models('DELETE')).toEqual(models('PUT'));
    expect(before.asked.at(-1)).toBe('DELETE /v1/lease');
  });

  it('ends Chromium and removes its profile', async (ctx) => {
    const reason = missing();
    if (reason !== null) return ctx.skip(reason);
    using folder = temporaryFolder();
    const temporary = join(folder.path, 'temporary');
    const pool = await openPool(folder.path, 'chromium');
    expect(await pool.measure([TEXT], never)).toHaveLength(1);
    expect(readdirSync(temporary).filter((name) => name.startsWith('nas-chromium-'))).toHaveLength(1);
    const processes = groupsIn(temporary);
    expect(processes.length).toBeGreaterThan(2);
    await pool[Symbol.asyncDispose]();
    expect(readdirSync(temporary).filter((name) => name.startsWith('nas-'))).toEqual([]);
    await until(() => !processes.some(lives));
  });
});
