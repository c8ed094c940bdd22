import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAgent } from '../../src/latency/devices/agent/index.js';
import { emptyFolder, listing, nas } from '../cli/nas.js';
import { OTHER_TOKEN, TOKEN } from './agent/samples.js';

const PORT = /PORT/;

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Neither is there a data set, whose absence would be reported as soon as it is looked for, nor may anything be written: the
 * platform is what comes first.
 */
async function refuses(platforms: readonly string[], named: RegExp, env: Record<string, string> = {}) {
  using folder = emptyFolder();
  writeFileSync(join(folder.path, 'broken.json'), '{}');
  const before = listing(folder.path);
  const flags = platforms.flatMap((name) => ['--platform', name]);
  const { code, stdout, stderr } = await nas(
    ['search', '--backend', 'reference', '--target-latency', '2ms', ...flags],
    { cwd: folder.path, env },
  );
  expect(stderr).toMatch(named);
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect([code, stdout]).toEqual([2, '']);
  expect(listing(folder.path)).toEqual(before);
}

describe('a platform that cannot be used is reported before a study is made', { timeout: 240_000 }, () => {
  it.concurrent.each<[string, string[], RegExp, Record<string, string>]>([
    ['an agent that is not there', ['agent:http://127.0.0.1:PORT'], /agent/, { NAS_AGENT_TOKEN: TOKEN }],
    ['an agent without a token', ['agent:http://127.0.0.1:PORT'], /NAS_AGENT_TOKEN/, {}],
    ['a program that is not there', ['command:./no-such-program'], /no program .*no-such-program/, {}],
    ['a program that fails', ['command:false'], /false ended with exit code 1/, {}],
    ['no Chromium', ['chromium'], /Chromium/i, { NAS_CHROMIUM: '/no/such/chromium' }],
    ['a table that is none', ['table:broken.json'], /broken\.json/, {}],
    ['one of several', ['onnxruntime', 'command:false'], /false ended with exit code 1/, {}],
  ])('%s', async (_what, platforms, named, env) => {
    const port = String(await freePort());
    await refuses(
      platforms.map((name) => name.replace(PORT, port)),
      named,
      env,
    );
  });

  it('an agent that refuses the token', async () => {
    await using agent = await startAgent({
      ...{ host: '127.0.0.1', port: 0, token: TOKEN, threads: 1, version: '0.0.0' },
      environment: process.env,
    });
    await refuses([`agent:${agent.url}`], /token/, { NAS_AGENT_TOKEN: OTHER_TOKEN });
  });
});
