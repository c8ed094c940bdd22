import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/index.js';
import {
  agentDevice,
  startAgent,
  type Agent,
  type AgentDeviceOptions,
  type AgentLimits,
} from '../../../src/latency/devices/agent/index.js';
import { defaultProtocol, openPlatform, timeInterleaved, undisturbed } from '../../../src/latency/index.js';
import { ask, hang, idOf, put, runs } from './http.js';
import { endless, OTHER_TOKEN, sample, SESSIONS, TOKEN, writer } from './samples.js';

function start(limits: Partial<AgentLimits> = {}): Promise<Agent> {
  const options = { host: '127.0.0.1', port: 0, token: TOKEN, threads: 1, version: '0.0.0' };
  return startAgent({ ...options, environment: process.env, limits });
}
function device(url: string, changes: Partial<AgentDeviceOptions> = {}) {
  return agentDevice({ url, token: TOKEN, batch: 1, onnx: writer, session: SESSIONS[0], ...changes });
}
const bytesOf = (seed: string, batch = 1): Uint8Array => writer(sample(seed), batch);
const positive = (times: readonly number[]): boolean => times.every((time) => time > 0);

describe('the platform agent', { timeout: 60_000 }, () => {
  let agent: Agent;
  beforeAll(async () => {
    agent = await start();
  });
  afterAll(() => agent[Symbol.asyncDispose]());

  it('times networks there and knows the device', async () => {
    await using there = await device(agent.url, { batch: 2 });
    const program = await there.open(sample());
    const times = await program.time(12);
    expect(times).toHaveLength(12);
    expect(positive(times)).toBe(true);
    await program.dispose();
    expect(there.fingerprint).toMatchObject({
      platform: `agent:${agent.url}`,
      batch: 2,
      backend: 'onnxruntime',
      device: 'cpu',
      threads: 1,
      versions: { onnxruntime: expect.stringMatching(/^\d+\.\d+/) as string },
    });
    expect(there.leastBurst).toBeGreaterThan(1);
  });

  it('times several in turns, opened by its name', async () => {
    await using platform = await openPlatform(
      { kind: 'agent', url: agent.url },
      {
        backend: () => Promise.reject(new Error('not needed')),
        batch: 1,
        epsilon: 1e-3,
        threads: 1,
        onnx: writer,
        environment: { NAS_AGENT_TOKEN: TOKEN },
        temporaryFolder: '/none',
        trusted: [`agent:${agent.url}`],
      },
    );
    const protocol = { ...defaultProtocol, maxSeconds: 2, repeats: 0 };
    const records = await platform.time([sample('one'), sample('two', 32)], protocol, undisturbed);
    expect(records).toHaveLength(2);
    for (const record of records ?? []) {
      expect(record).toMatchObject({ source: 'measured', platform: `agent:${agent.url}` });
      expect(record.medianMs).toBeGreaterThan(0);
      expect(record.runs).toBeGreaterThanOrEqual(10);
    }
  });

  it('keeps a network that was opened twice until both are closed', async () => {
    await using there = await device(agent.url);
    const [first, second] = [await there.open(sample()), await there.open(sample())];
    await first.dispose();
    expect((await runs(agent.url, bytesOf('sample'), 1)).status).toBe(200);
    await second.dispose();
    expect((await runs(agent.url, bytesOf('sample'), 1)).status).toBe(404);
    await ask(agent.url, { method: 'DELETE', path: '/v1/lease' });
  });

  it('lets a second client wait until the first has closed its networks', async () => {
    await using one = await device(agent.url);
    await using two = await device(agent.url, { session: SESSIONS[1] });
    const mine = await one.open(sample());
    let opened = false;
    const waiting = two.open(sample('two')).then((program) => {
      opened = true;
      return program;
    });
    for (let burst = 0; burst < 20; burst++) expect(positive(await mine.time(50))).toBe(true);
    expect(opened).toBe(false);
    await mine.dispose();
    const theirs = await waiting;
    expect(await theirs.time(3)).toHaveLength(3);
    await theirs.dispose();
  });

  it('reports when the other takes too long', async () => {
    await using one = await device(agent.url);
    await using two = await device(agent.url, { session: SESSIONS[1], patience: { busySeconds: 0.5 } });
    const mine = await one.open(sample());
    await expect(two.open(sample('two'))).rejects.toMatchObject({
      code: 'NAS_AGENT_BUSY',
      message: expect.stringMatching(/another client's turn/) as string,
    });
    await mine.dispose();
  });

  it('reports a wrong token, a missing and a short one, and shows none of them', async () => {
    for (const [token, code] of [
      [OTHER_TOKEN, 'NAS_AGENT_TOKEN'],
      [undefined, 'NAS_AGENT_TOKEN_FORM'],
      ['', 'NAS_AGENT_TOKEN_FORM'],
      ['short', 'NAS_AGENT_TOKEN_FORM'],
      ['with a blank and long enough', 'NAS_AGENT_TOKEN_FORM'],
    ] as const) {
      const error = await device(agent.url, { token }).then(
        () => null,
        (reason: unknown) => reason as Error,
      );
      expect(error).toMatchObject({ name: 'NasError', code });
      if (token) expect(error?.message).not.toContain(token);
    }
  });
});

describe('a request to the agent', { timeout: 60_000 }, () => {
  let agent: Agent;
  beforeAll(async () => {
    agent = await start({ modelBytes: 200_000, headersMs: 700, requestMs: 1500 });
  });
  afterAll(() => agent[Symbol.asyncDispose]());
  const alive = async () => {
    const model = bytesOf('alive');
    expect((await put(agent.url, model)).status).toBe(200);
    expect((await runs(agent.url, model, 2)).status).toBe(200);
  };

  it('without the right token is refused everywhere the same way', async () => {
    const texts = new Set<string>();
    for (const path of ['/v1/device', '/v1/lease', `/v1/models/${'0'.repeat(64)}`, '/', '/v2/nothing'])
      for (const token of [
        null,
        OTHER_TOKEN,
        TOKEN.slice(0, -1),
        `${TOKEN}x`,
        `${TOKEN} x`,
        '',
        TOKEN.toUpperCase(),
      ])
        for (const method of ['GET', 'PUT', 'POST', 'DELETE']) {
          const { status, text, headers } = await ask(agent.url, { method, path, token });
          expect(status).toBe(401);
          expect(headers['www-authenticate']).toBe('Bearer');
          texts.add(text);
        }
    expect([...texts]).toEqual(['{"error":"not allowed"}']);
    for (const authorization of [`Basic ${btoa(`x:${TOKEN}`)}`, TOKEN, `Bearer`, `Bearer ${TOKEN}, Bearer x`])
      expect(
        (await ask(agent.url, { path: '/v1/device', token: null, headers: { authorization } })).status,
      ).toBe(401);
  });

  it('without the token does not get its body read', async () => {
    const body = new Uint8Array(150_000);
    expect((await put(agent.url, body, { token: OTHER_TOKEN, chunked: true })).status).toBe(401);
    await alive();
  });

  it('for a path that leads elsewhere finds nothing', async () => {
    const id = '0'.repeat(64);
    for (const path of [
      '/v1/models/../../etc/passwd',
      '/v1/models/..%2f..%2fetc%2fpasswd',
      '/v1/models/%2e%2e/device',
      `/v1/models/${id}%00`,
      `/v1/models/${id}/../../device`,
      `/v1/models/${id.slice(1)}`,
      `/v1/models/${id.slice(1)}G`,
      `/v1/models/${'A'.repeat(64)}`,
      `/v1/models/${id}/runs/more`,
      `//v1/device`,
      `/v1/device/`,
      `/v1`,
      `/v1/models`,
      `/v1/__proto__`,
      `http://127.0.0.1/v1/device`,
      '*',
    ])
      for (const method of ['GET', 'PUT', 'POST', 'DELETE'])
        expect((await ask(agent.url, { method, path })).status, `${method} ${path}`).toBe(404);
  });

  it('with the wrong method, session, count or body is reported', async () => {
    const model = bytesOf('reported');
    const id = idOf(model);
    expect((await ask(agent.url, { method: 'POST', path: '/v1/device' })).status).toBe(405);
    expect((await ask(agent.url, { method: 'PATCH', path: `/v1/models/${id}` })).status).toBe(405);
    for (const session of ['', 'x', 'A'.repeat(32), 'a'.repeat(33)])
      expect((await put(agent.url, model, { session })).status).toBe(400);
    expect((await put(agent.url, model, { path: `/v1/models/${idOf(Buffer.from('other'))}` })).status).toBe(
      400,
    );
    expect((await put(agent.url, new Uint8Array(0))).status).toBe(400);
    expect((await put(agent.url, model)).status).toBe(200);
    for (const count of [0, -1, 1.5, 1e9, '5', null, undefined, [5]])
      expect((await runs(agent.url, model, count)).status, String(count)).toBe(400);
    for (const body of ['', 'no', '[]', '{"count":1,"more":2}', '{"count":1'])
      expect((await runs(agent.url, model, 1, { body })).status, body).toBe(400);
    expect((await runs(agent.url, model, 1, { body: `{"count":1}${' '.repeat(5000)}` })).status).toBe(413);
    await alive();
  });

  it('with too large a body is refused, said or not how large it is', async () => {
    const body = new Uint8Array(3_000_000);
    for (const chunked of [false, true]) {
      const { status, text } = await put(agent.url, body, { chunked });
      expect(status).toBe(413);
      expect(text).toMatch(/larger than/);
    }
    const lying = await ask(agent.url, {
      method: 'PUT',
      path: `/v1/models/${'0'.repeat(64)}`,
      headers: { 'content-length': '99999999999999' },
    }).catch(() => ({ status: 413 }));
    expect(lying.status).toBe(413);
    await using there = await device(agent.url);
    await expect(
      there.open(sample('large', 16)).then((program) => program.dispose()),
    ).resolves.toBeUndefined();
    const large = device(agent.url, { onnx: () => body });
    await expect(large.then((one) => one.open(sample()))).rejects.toMatchObject({ code: 'NAS_AGENT_FULL' });
    await alive();
  });

  it('with what is no ONNX is refused in one line', async () => {
    for (const body of [Buffer.from('garbage'), Buffer.alloc(1000), Buffer.from('<html>\n'.repeat(100))]) {
      const { status, text } = await put(agent.url, body);
      expect(status).toBe(422);
      const { error } = JSON.parse(text) as { error: string };
      expect(error).toMatch(/not an ONNX file of an export of platform-nas: /);
      expect(error).not.toMatch(/[\n\r]/);
      expect(error.length).toBeLessThanOrEqual(300);
    }
    await using there = await device(agent.url, { onnx: () => Buffer.from('garbage') });
    await expect(there.open(sample())).rejects.toMatchObject({
      code: 'NAS_AGENT_MODEL',
      message: expect.stringMatching(/cannot run the network: not an ONNX file of an export/) as string,
    });
    await alive();
  });

  it('with a damaged network is taken or refused, and the agent lives on', async () => {
    const rng = createRng('damage');
    const whole = bytesOf('damage');
    for (let i = 0; i < 60; i++) {
      const bytes = Uint8Array.from(
        whole.subarray(0, i % 3 === 0 ? rng.integer(whole.length) + 1 : whole.length),
      );
      for (let flips = 0; flips < 4; flips++) bytes[rng.integer(bytes.length)] = rng.integer(256);
      expect([200, 422]).toContain((await put(agent.url, bytes)).status);
      await ask(agent.url, { method: 'DELETE', path: `/v1/models/${idOf(bytes)}` });
    }
    await alive();
  });

  it('that stops in the middle is ended, and others are served meanwhile', async () => {
    const head = `PUT /v1/models/${'0'.repeat(64)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n`;
    await ask(agent.url, { method: 'DELETE', path: '/v1/lease' });
    const slow = [
      hang(agent.url, ''),
      hang(agent.url, 'GET /v1/dev'),
      hang(agent.url, `${head}x-nas-session: ${SESSIONS[1]}\r\n`),
      hang(agent.url, `${head}x-nas-session: ${SESSIONS[1]}\r\ncontent-length: 1000\r\n\r\nabc`),
      hang(
        agent.url,
        `${head}x-nas-session: ${SESSIONS[1]}\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`,
      ),
    ];
    expect((await ask(agent.url, { path: '/v1/device' })).status).toBe(200);
    const heard = await Promise.all(slow);
    for (const text of heard) expect(text).toMatch(/^$|^HTTP\/1\.1 4\d\d/);
    // One of the two bodies has the turn and is waited for, the other is refused.
    expect(heard.slice(3).map((text) => text.slice(9, 12))).toEqual(expect.arrayContaining(['408', '409']));
    await ask(agent.url, { method: 'DELETE', path: '/v1/lease', session: SESSIONS[1] });
    await alive();
  });

  it('that is no HTTP is refused', async () => {
    for (const text of [
      '\x16\x03\x01\x02\x00\x01',
      'GET\r\n\r\n',
      `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    ])
      expect(await hang(agent.url, text)).toMatch(/^$|^HTTP\/1\.1 4\d\d/);
    await alive();
  });
});

describe('the agent under load', { timeout: 60_000 }, () => {
  it('does one thing at a time and says when to ask again', async () => {
    await using agent = await start();
    const model = bytesOf('busy');
    expect((await put(agent.url, model)).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 8 }, () => runs(agent.url, model, 10_000)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, headers } of answers.filter((answer) => answer.status !== 200)) {
      expect(status).toBe(409);
      expect(headers['retry-after']).toBe('1');
    }
    expect((await ask(agent.url, { method: 'POST', path: '/v1/lease', session: SESSIONS[1] })).status).toBe(
      409,
    );
    expect((await runs(agent.url, model, 1, { session: SESSIONS[1] })).status).toBe(409);
    await ask(agent.url, { method: 'DELETE', path: '/v1/lease', session: SESSIONS[1] });
    expect((await runs(agent.url, model, 1, { session: SESSIONS[1] })).status).toBe(409);
    await ask(agent.url, { method: 'DELETE', path: '/v1/lease' });
    expect((await runs(agent.url, model, 1, { session: SESSIONS[1] })).status).toBe(200);
  });

  it('takes a turn away from a client that is not heard of, and drops its network', async () => {
    await using agent = await start({ leaseMs: 200, idleMs: 200 });
    const model = bytesOf('idle');
    expect((await put(agent.url, model)).status).toBe(200);
    expect((await ask(agent.url, { method: 'POST', path: '/v1/lease', session: SESSIONS[1] })).status).toBe(
      409,
    );
    await expect
      .poll(
        async () =>
          (await ask(agent.url, { method: 'POST', path: '/v1/lease', session: SESSIONS[1] })).status,
      )
      .toBe(200);
    await expect.poll(async () => (await runs(agent.url, model, 1)).status, { timeout: 10_000 }).toBe(404);
  });

  it('sends a dropped network again', async () => {
    await using agent = await start();
    await using there = await device(agent.url);
    const program = await there.open(sample('dropped'));
    await ask(agent.url, { method: 'DELETE', path: `/v1/models/${idOf(bytesOf('dropped'))}` });
    expect(await program.time(4)).toHaveLength(4);
    await program.dispose();
  });

  it('makes room by dropping the networks of others, the oldest first, never its own', async () => {
    await using agent = await start({ models: 3 });
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((seed) => bytesOf(seed)) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    const mine = { session: SESSIONS[1] };
    expect((await put(agent.url, a)).status).toBe(200);
    expect((await put(agent.url, b)).status).toBe(200);
    expect((await runs(agent.url, a, 1)).status).toBe(200);
    await ask(agent.url, { method: 'DELETE', path: '/v1/lease' });
    expect((await put(agent.url, c, mine)).status).toBe(200);
    expect((await put(agent.url, d, mine)).status).toBe(200);
    expect((await runs(agent.url, b, 1, mine)).status).toBe(404);
    expect((await put(agent.url, e, mine)).status).toBe(200);
    const full = await put(agent.url, a, mine);
    expect(full.status).toBe(507);
    expect(full.text).toMatch(/at most 3 models/);
    for (const model of [c, d, e]) expect((await runs(agent.url, model, 1, mine)).status).toBe(200);
    await using there = await device(agent.url, mine);
    await expect(there.open(sample('f'))).rejects.toMatchObject({ code: 'NAS_AGENT_FULL' });
  });

  it('ends a network that does not end, and times the next', async () => {
    await using agent = await start({ deadlineMs: 1000 });
    await using there = await device(agent.url);
    const program = await there.open(sample('before'));
    const { status, text } = await put(agent.url, endless);
    expect(status).toBe(422);
    expect(text).toMatch(/took longer than 1 s/);
    expect(await program.time(4)).toHaveLength(4);
    await program.dispose();
  });

  it('cuts long requests, and the client asks for the rest', async () => {
    await using agent = await start({ runsMs: 2 });
    await using there = await device(agent.url);
    const program = await there.open(sample('long', 64));
    const first = JSON.parse((await runs(agent.url, writer(sample('long', 64), 1), 10_000)).text) as {
      runsMs: number[];
    };
    expect(first.runsMs.length).toBeLessThan(10_000);
    expect(await program.time(3 * first.runsMs.length)).toHaveLength(3 * first.runsMs.length);
    await program.dispose();
  });
});

describe('an agent whose clock steps 1 ms', { timeout: 60_000 }, () => {
  it('times batches of runs, so that the step is below a hundredth, and says what the step is', async () => {
    const clock = new URL('coarse-clock.mjs', import.meta.url).href;
    await using agent = await startAgent({
      ...{ host: '127.0.0.1', port: 0, token: TOKEN, threads: 1, version: '0.0.0' },
      environment: { ...process.env, NODE_OPTIONS: `--import ${clock}` },
    });
    await using there = await device(agent.url);
    const program = await there.open(sample());
    const times = await program.time(12);
    const fastest = Math.min(...times);
    // Single runs are far below a step: they would be 0 or 1 ms.
    expect(fastest).toBeGreaterThan(0);
    expect(fastest).toBeLessThan(1);
    expect(program.clockStepMs).toBeGreaterThan(0);
    expect(program.clockStepMs).toBeLessThanOrEqual(0.02 * fastest);
    const session = await timeInterleaved([program], { ...defaultProtocol, maxSeconds: 4 });
    const [measured] = session?.networks ?? [];
    expect(measured!.medianMs).toBeLessThan(1);
    expect(measured!.highMs - measured!.lowMs).toBeGreaterThanOrEqual(0.999 * program.clockStepMs!);
    await program.dispose();
  });
});
