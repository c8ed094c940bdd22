import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentDevice, type AgentDeviceOptions } from '../../../src/latency/devices/agent/index.js';
import {
  defaultProtocol,
  fingerprintDigest,
  platformOn,
  undisturbed,
  type Fingerprint,
} from '../../../src/latency/index.js';
import { nas, nasCommand } from '../../cli/nas.js';
import { ask, put, runs } from './http.js';
import { endless, OTHER_TOKEN, sample, SESSIONS, TOKEN, writer } from './samples.js';

let folder = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-test-agent-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly pid: number;
  output(): string;
  /** Resolves to its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** `nas agent` in a separate process, listening. */
async function start(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const given = { NAS_AGENT_TOKEN: TOKEN, ...env };
  const child = spawn(
    ...nasCommand(['agent', '--port', '0', '--threads', '1', ...args], { cwd: folder, env: given }),
  );
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (segment: string) => (text += segment));
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on('exit', (code, signal) => resolve(code ?? signal)),
  );
  const url = await new Promise<string>((resolve, reject) => {
    const look = (): void => {
      const found = /listens on (\S+)/.exec(text)?.[1];
      if (found !== undefined && text.includes('nas search --platform')) resolve(found);
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
    void ended.then(() => reject(new Error(`nas agent ended: ${text}`)));
  });
  return { child, url, pid: child.pid ?? 0, output: () => text, ended };
}
const device = (url: string, changes: Partial<AgentDeviceOptions> = {}) =>
  agentDevice({ url, token: TOKEN, batch: 1, onnx: writer, session: SESSIONS[0], ...changes });

/** Child processes of a process that still run. */
function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((one) => one > 0 && statOf(one)?.parent === pid);
}
function statOf(pid: number): { readonly parent: number } | null {
  try {
    const [, state = 'Z', parent = ''] =
      /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state === 'Z' ? null : { parent: Number(parent) };
  } catch {
    return null;
  }
}
const librariesOf = (pid: number): string => readFileSync(`/proc/${pid}/maps`, 'utf8');

describe('nas agent', { timeout: 60_000 }, () => {
  it('listens on the loopback, shows no token that it was given and ends on Ctrl-C', async () => {
    const agent = await start();
    expect(agent.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(agent.output()).toMatch(/1 thread, onnxruntime \d/);
    expect((await ask(agent.url, { path: '/v1/device' })).status).toBe(200);
    const [runner = 0] = childrenOf(agent.pid);
    agent.child.kill('SIGINT');
    expect(await agent.ended).toBe(0);
    expect(statOf(runner)).toBeNull();
    expect(agent.output()).not.toContain(TOKEN);
    await expect(ask(agent.url, { path: '/v1/device' })).rejects.toThrow(/ECONNREFUSED/);
  });

  it('makes a token when none is given, prints it once and wants it', async () => {
    const agent = await start([], { NAS_AGENT_TOKEN: '' });
    const [, token = ''] = /^token: (\S+)$/m.exec(agent.output()) ?? [];
    expect(token.length).toBeGreaterThanOrEqual(32);
    expect(agent.output().split(token)).toHaveLength(2);
    expect((await ask(agent.url, { path: '/v1/device', token })).status).toBe(200);
    expect((await ask(agent.url, { path: '/v1/device' })).status).toBe(401);
  });

  it('takes its token from a file, and says when others may read it', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, `${OTHER_TOKEN}\n`);
    chmodSync(file, 0o644);
    const agent = await start(['--token-file', file]);
    expect(agent.output()).toMatch(/other users may read .*chmod 600/);
    expect((await ask(agent.url, { path: '/v1/device', token: OTHER_TOKEN })).status).toBe(200);
    expect((await ask(agent.url, { path: '/v1/device', token: TOKEN })).status).toBe(401);
  });

  it('makes the file of its token where there is none, for its owner only', async () => {
    const file = join(folder, 'new-token');
    const agent = await start(['--token-file', file]);
    const token = readFileSync(file, 'utf8').trim();
    expect(token.length).toBeGreaterThanOrEqual(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(agent.output()).not.toContain(token);
    expect((await ask(agent.url, { path: '/v1/device', token })).status).toBe(200);
  });

  it('loads neither TensorFlow nor SQLite, and ONNX Runtime in its child only', async () => {
    const agent = await start();
    await using there = await device(agent.url);
    const program = await there.open(sample());
    await program.time(3);
    expect(agent.output()).toMatch(/^measures for 127\.0\.0\.1$/m);
    const [runner = 0] = childrenOf(agent.pid);
    expect(librariesOf(agent.pid)).not.toMatch(/tensorflow|sqlite|sharp|onnxruntime|\.node/);
    expect(librariesOf(runner)).toMatch(/onnxruntime_binding\.node/);
    expect(librariesOf(runner)).not.toMatch(/tensorflow|sqlite|sharp/);
    expect(readFileSync(`/proc/${runner}/environ`, 'utf8')).not.toContain(TOKEN);
    await program.dispose();
  });

  it('reports a short token, a missing file and a port in use in one line', async () => {
    const cwd = folder;
    const agent = await start();
    const { port } = new URL(agent.url);
    for (const [args, env, message] of [
      [
        [],
        { NAS_AGENT_TOKEN: 'short' },
        /NAS_AGENT_TOKEN has 5 characters; expected 16 .*NAS_AGENT_TOKEN_FORM/,
      ],
      [['--token-file', 'none/token'], {}, /none\/token cannot be read.*fix: .*NAS_AGENT_TOKEN_FILE/],
      [['--port', port], {}, /port \d+ of 127\.0\.0\.1 is in use.*--port.*NAS_AGENT_LISTEN/],
      [['--host', '203.0.113.1'], {}, /cannot listen on 203\.0\.113\.1.*NAS_AGENT_LISTEN/],
      [['--port', '99999'], {}, /expected a whole number from 0 to 65535/],
    ] as const) {
      const answer = await nas(['agent', ...args], { cwd, env: { NAS_AGENT_TOKEN: TOKEN, ...env } });
      expect(answer.code).toBe(2);
      expect(answer.stderr).toMatch(message);
      expect(answer.stderr.trim().split('\n')).toHaveLength(1);
      expect(answer.stdout).toBe('');
    }
  });
});

describe('an agent that is killed while it times', { timeout: 60_000 }, () => {
  it('and started again continues where it was', async () => {
    const first = await start();
    const { port } = new URL(first.url);
    await using there = await device(first.url);
    const program = await there.open(sample('slow', 96));
    const timing = program.time(3000);
    await expect.poll(async () => (await runs(first.url, Buffer.from('x'), 1)).status).toBe(409);
    const [runner = 0] = childrenOf(first.pid);
    first.child.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    await expect.poll(() => statOf(runner), { timeout: 20_000 }).toBeNull();
    const second = await start(['--port', port]);
    expect(second.url).toBe(first.url);
    expect(await timing).toHaveLength(3000);
    await program.dispose();
  });

  it('and started again with other threads is another device', async () => {
    const first = await start();
    const { port } = new URL(first.url);
    await using there = await device(first.url);
    const program = await there.open(sample());
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await start(['--port', port, '--threads', '2']);
    expect(second.url).toBe(first.url);
    await expect(program.time(5)).rejects.toMatchObject({
      code: 'NAS_DEVICE_CHANGED',
      message: expect.stringMatching(/2 threads.*expected .*1 threads/) as string,
    });
  });

  it('and stays away is reported', async () => {
    const agent = await start();
    await using there = await device(agent.url, { patience: { lostSeconds: 1 } });
    const program = await there.open(sample());
    agent.child.kill('SIGKILL');
    await agent.ended;
    await expect(program.time(5)).rejects.toMatchObject({
      code: 'NAS_AGENT_UNREACHABLE',
      message: expect.stringContaining(agent.url) as string,
    });
    await program.dispose();
  });

  it('leaves no process that runs on, even in a network without end', async () => {
    const agent = await start();
    const [runner = 0] = childrenOf(agent.pid);
    const lost = put(agent.url, endless).then(
      () => 'answered',
      () => 'lost',
    );
    await expect.poll(async () => (await put(agent.url, Buffer.from('x'))).status).toBe(409);
    agent.child.kill('SIGKILL');
    expect(await lost).toBe('lost');
    await expect.poll(() => statOf(runner), { timeout: 20_000 }).toBeNull();
  });

  it('has its timing process started again when only that is killed', async () => {
    const agent = await start();
    await using there = await device(agent.url);
    const program = await there.open(sample());
    const [runner = 0] = childrenOf(agent.pid);
    process.kill(runner, 'SIGKILL');
    await expect.poll(() => statOf(runner)).toBeNull();
    expect(await program.time(5)).toHaveLength(5);
    await program.dispose();
  });
});

describe('what is no agent', { timeout: 60_000 }, () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });
  function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      ),
    );
  }
  const quick = { patience: { lostSeconds: 0.5, answerSeconds: 1 } };

  it.each<[string, RequestListener]>([
    ['a web page', (_, response) => void response.end('<html>')],
    ['nothing under that name', (_, response) => void response.writeHead(404).end()],
    ['an error', (_, response) => void response.writeHead(500).end('{"error":"x"}')],
    ['another version', (_, response) => void response.end('{"agent":2}')],
    ['a number', (_, response) => void response.end('7')],
  ])('but %s is reported', async (_, listener) => {
    const url = await serve(listener);
    await expect(device(url, quick)).rejects.toMatchObject({
      code: 'NAS_AGENT_VERSION',
      message: expect.stringContaining(url) as string,
      fix: expect.any(String) as string,
    });
  });

  it('but a closed port, a silent one or a name that leads nowhere is reported', async () => {
    const silent = await serve(() => undefined);
    for (const url of ['http://127.0.0.1:1', silent, 'http://no-such-host.invalid:7411'])
      await expect(device(url, quick)).rejects.toMatchObject({ code: 'NAS_AGENT_UNREACHABLE' });
  });

  it('gets the token only at its own address', async () => {
    const heard: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      heard.push(request.headers.authorization);
      response.end();
    });
    const url = await serve((_, response) => void response.writeHead(307, { location: other }).end());
    await expect(device(url, quick)).rejects.toMatchObject({ code: 'NAS_AGENT_UNREACHABLE' });
    expect(heard).toEqual([]);
  });

  it('but answers without end or of a wrong kind is reported', async () => {
    const real = await start();
    const described = JSON.parse((await ask(real.url, { path: '/v1/device' })).text) as unknown;
    let answer = '';
    const url = await serve((request, response) => {
      if (request.url === '/v1/device') response.end(JSON.stringify(described));
      else if (request.method === 'POST' && request.url?.endsWith('/runs') === true) {
        if (answer !== 'flood') return void response.end(answer);
        const flood = (): void => {
          while (response.write('x'.repeat(65_536)));
          response.once('drain', flood);
        };
        flood();
      } else response.end('{}');
    });
    await using there = await device(url, quick);
    const program = await there.open(sample());
    const digest = 'a'.repeat(16);
    for (const wrong of [
      'no json',
      '[]',
      `{"runsMs":[],"device":"${digest}"}`,
      `{"runsMs":[1,-1],"device":"${digest}"}`,
      `{"runsMs":[1,null],"device":"${digest}"}`,
      `{"runsMs":[1,1,1,1,1,1],"device":"${digest}"}`,
      `{"runsMs":[1,1]}`,
    ]) {
      answer = wrong;
      await expect(program.time(5), wrong).rejects.toMatchObject({ code: 'NAS_AGENT_VERSION' });
    }
    answer = `{"runsMs":[1,1],"device":"${digest}"}`;
    await expect(program.time(5)).rejects.toMatchObject({ code: 'NAS_DEVICE_CHANGED' });
    answer = 'flood';
    await expect(program.time(5)).rejects.toMatchObject({ code: 'NAS_AGENT_UNREACHABLE' });
  });

  it('with a clock of whole milliseconds has its intervals no narrower than that', async () => {
    const real = await start();
    const described = JSON.parse((await ask(real.url, { path: '/v1/device' })).text) as {
      device: Fingerprint;
    };
    const digest = fingerprintDigest({ ...described.device, platform: 'agent', batch: 1 });
    const url = await serve((request, response) => {
      if (request.url === '/v1/device') return void response.end(JSON.stringify(described));
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        if (request.url?.endsWith('/runs') !== true) return void response.end('{}');
        const { count } = JSON.parse(body) as { count: number };
        response.end(JSON.stringify({ runsMs: new Array<number>(count).fill(1), device: digest }));
      });
    });
    await using platform = platformOn(await device(url, quick));
    const protocol = { ...defaultProtocol, repeats: 0, reference: false };
    const [record] = (await platform.time([sample()], protocol, undisturbed)) ?? [];
    expect(record).toMatchObject({ clockStepMs: 1, settled: false, medianMs: 1, lowMs: 0.5, highMs: 1.5 });
  });

  it('prints nothing to the terminal', async () => {
    const url = await serve(
      (_, response) =>
        void response.writeHead(422).end(JSON.stringify({ error: '\u001b[2J\nx'.repeat(200) })),
    );
    const error = (await device(url, quick).catch((reason: unknown) => reason)) as Error;
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
    expect(error.message.length).toBeLessThan(600);
  });
});
