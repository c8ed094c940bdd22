import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/index.js';
import { startAgent, type Agent } from '../../../src/latency/devices/agent/index.js';
import { attribute } from '../../../src/onnx/index.js';
import { attacked, report } from '../../durability.js';
import { floats, HOSTILE, modelOf } from '../../onnx/hostile.js';
import { ask, idOf, put, runs } from './http.js';
import { startAgentProcess, type AgentProcess } from './agent-process.js';
import { loop, sample, SESSIONS, TOKEN, writer } from './samples.js';

const MIB = 2 ** 20;
const honest = writer(sample('honest'), 1);

async function answersHonestly(url: string): Promise<void> {
  expect(await put(url, honest)).toMatchObject({ status: 200 });
  expect(await runs(url, honest, 3)).toMatchObject({ status: 200 });
}

function memoryOf(pid: number): number {
  const [, kib = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}
const childrenOf = (pid: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => {
      try {
        return new RegExp(`\\) \\S ${pid} `).test(readFileSync(`/proc/${one}/stat`, 'utf8'));
      } catch {
        return false;
      }
    });

describe('nas agent under attack by who has its token', { timeout: 120_000 }, () => {
  let agent: AgentProcess;
  beforeAll(async () => {
    agent = await startAgentProcess();
  });
  afterAll(() => agent[Symbol.asyncDispose]());

  it('gives its timing process limits, and the kernel it before all others', () => {
    const [runner = 0] = childrenOf(agent.pid);
    const limits = readFileSync(`/proc/${runner}/limits`, 'utf8');
    expect(limits).toMatch(/^Max address space +\d+ /m);
    expect(limits).toMatch(/^Max data size +\d+ /m);
    expect(readFileSync(`/proc/${runner}/oom_score_adj`, 'utf8').trim()).toBe('1000');
    expect(readFileSync(`/proc/${agent.pid}/oom_score_adj`, 'utf8').trim()).not.toBe('1000');
  });

  it('refuses each hostile file in one line, with the same process, and times the next network', async () => {
    const [before] = childrenOf(agent.pid);
    for (const [name, bytes] of [...Object.entries(HOSTILE), ['a loop', loop] as const]) {
      const { status, text } = await put(agent.url, bytes);
      attacked('inputs', {}, () => {
        expect([name, status]).toEqual([name, bytes.length === 0 ? 400 : 422]);
        expect([name, (JSON.parse(text) as { error: string }).error]).toEqual([
          name,
          expect.stringMatching(/^(not an ONNX file of an export of platform-nas: |an empty body)[^\n]*$/),
        ]);
      });
      await answersHonestly(agent.url);
    }
    const [after] = childrenOf(agent.pid);
    expect(after).toBe(before);
    expect(memoryOf(agent.pid)).toBeLessThan(512 * MIB);
    expect(memoryOf(after ?? 0)).toBeLessThan(512 * MIB);
  });

  it('outlives a few hundred damaged files', async () => {
    const rng = createRng('attacks');
    const small = Object.values(HOSTILE).filter(({ length }) => length > 0 && length < 20_000);
    for (let round = 0; round < 250; round++) {
      const bytes = Uint8Array.from(round % 2 === 0 ? honest : (small[rng.integer(small.length)] ?? honest));
      for (let change = 0; change < 1 + rng.integer(5); change++) {
        const near = rng.integer(Math.min(bytes.length, 1500));
        bytes[rng.integer(2) === 0 ? near : bytes.length - 1 - near] = rng.integer(256);
      }
      const { status } = await put(agent.url, bytes);
      attacked('inputs', { seed: 'attacks' }, () => {
        expect([200, 422]).toContain(status);
      });
      await ask(agent.url, { method: 'DELETE', path: `/v1/models/${idOf(bytes)}` });
    }
    await answersHonestly(agent.url);
  });
});

describe('a network that needs more memory than the agent gives', { timeout: 120_000 }, () => {
  it('is refused or ends alone, and the next is timed', async () => {
    await using agent = await start({ memoryBytes: 256 * MIB });
    // 32 values of 60 MiB each, all of them results and so alive at the same time; each by itself is allowed.
    const nodes = Array.from({ length: 32 }, () => ['Conv', 'x k', [attribute.integer('group', 1)]] as const);
    const greedy = modelOf({
      nodes,
      shape: [1, 1, 1024, 1024],
      constants: [floats('k', [15, 1, 1, 1])],
      outputs: nodes.map((_, at) => `v${at}`),
    });
    const { status, text } = await put(agent.url, greedy);
    expect(status).toBe(422);
    expect((JSON.parse(text) as { error: string }).error).toMatch(/memory|ended/);
    await answersHonestly(agent.url);
  });
});

describe('sockets that do nothing', { timeout: 60_000 }, () => {
  it('lock no client out, whether they never write or never read', async () => {
    await using agent = await start({ connections: 24, perAddress: 16 });
    await answersHonestly(agent.url);
    const sockets: Socket[] = [];
    let answered = false;
    const { port } = new URL(agent.url);
    const open = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(text, () => resolve()));
        socket.on('error', () => undefined).pause();
        sockets.push(socket);
      });
    try {
      const request = `GET /v1/device HTTP/1.1\r\nhost: x\r\n\r\n`;
      for (let at = 0; at < 128; at++)
        await open(
          ['GET /v1/dev', request.repeat(50), `PUT /v1/models/${'0'.repeat(64)} HTTP/1.1\r\n`][at % 3] ?? '',
        );
      await answersHonestly(agent.url);
      expect(
        (await ask(agent.url, { method: 'DELETE', path: '/v1/lease', session: SESSIONS[0] })).status,
      ).toBe(200);
      answered = true;
    } finally {
      report('sockets', { times: sockets.length, broken: answered ? 0 : 1 });
      for (const socket of sockets) socket.destroy();
    }
  });
});

function start(limits: Parameters<typeof startAgent>[0]['limits']): Promise<Agent> {
  const options = { host: '127.0.0.1', port: 0, token: TOKEN, threads: 1, version: '0.0.0' };
  return startAgent({ ...options, environment: process.env, ...(limits === undefined ? {} : { limits }) });
}
