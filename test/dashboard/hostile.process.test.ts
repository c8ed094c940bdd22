import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder, nasCommand } from '../cli/nas.js';
import { writeStudy } from '../cli/studies.js';
import { attacked, report } from '../durability.js';
import { ask, serve } from './serve.js';

const TOKEN = 'a-token-that-is-not-guessed';

/** Sends raw bytes; resolves to what comes back within a moment. */
function send(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
    const end = (): void => {
      socket.destroy();
      resolve(heard);
    };
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      heard += chunk;
      if (heard.includes('\r\n\r\n')) end();
    });
    socket.setTimeout(200, end).on('error', end).on('close', end);
  });
}

describe('a request of another site', () => {
  it('is refused, but for a link that opens the page', async () => {
    using folder = emptyFolder();
    await using dashboard = await serve(folder.path);
    const { host } = new URL(dashboard.url);
    const opens = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const cases: readonly (readonly [string, Record<string, string>, number])[] = [
      ['/api/studies', {}, 200],
      ['/api/studies', { 'sec-fetch-site': 'same-origin' }, 200],
      ['/api/studies', { 'sec-fetch-site': 'none' }, 200],
      ['/api/studies', { origin: `http://${host}` }, 200],
      ['/', { 'sec-fetch-site': 'cross-site', ...opens }, 200],
      [
        '/',
        { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
        403,
      ],
      ['/', { 'sec-fetch-site': 'cross-site' }, 403],
      ['/page.js', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'script' }, 403],
      ['/api/studies', { 'sec-fetch-site': 'cross-site', ...opens }, 403],
      ['/api/studies', { 'sec-fetch-site': 'same-site' }, 403],
      ['/api/events', { 'sec-fetch-site': 'same-site' }, 403],
      ['/api/studies', { 'sec-fetch-site': 'anything' }, 403],
      ['/api/studies', { origin: 'http://evil.example' }, 403],
      ['/api/studies', { origin: 'null' }, 403],
      ['/api/studies', { origin: `http://${host}.evil.example` }, 403],
      ['/api/studies', { origin: `http://${host.split(':')[0] ?? ''}:1` }, 403],
    ];
    for (const [path, headers, status] of cases)
      expect([path, headers, (await ask(`${dashboard.url}${path}`, headers)).status]).toEqual([
        path,
        headers,
        status,
      ]);
    const refused = await ask(`${dashboard.url}/api/studies`, { 'sec-fetch-site': 'cross-site' });
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'NAS_DASHBOARD_SITE' });
  });
});

describe('128 sockets that do nothing', { timeout: 60_000 }, () => {
  it.each([null, TOKEN])('lock no client out of a dashboard with the token %s', async (token) => {
    using folder = emptyFolder();
    writeStudy(folder.path, fakeStudy({ space: smallSpace }));
    await using dashboard = await serve(folder.path, { token });
    const { hostname, port } = new URL(dashboard.url);
    const sockets: Socket[] = [];
    let answered = false;
    const requests = [
      '',
      'GET /api/stu',
      'GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n',
      'GET /api/studies/demo HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(20),
    ];
    try {
      for (const request of requests)
        for (let at = 0; at < 128; at++)
          await new Promise<void>((resolve) => {
            const socket = connect(Number(port), hostname, () => socket.write(request, () => resolve()));
            socket.on('error', () => resolve()).pause();
            sockets.push(socket);
          });
      const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      expect(await ask(`${dashboard.url}/api/studies/demo`, headers)).toMatchObject({ status: 200 });
      answered = true;
    } finally {
      report('sockets', { times: sockets.length, broken: answered ? 0 : 1 });
      for (const socket of sockets) socket.destroy();
    }
  });
});

describe('requests that make no sense', { timeout: 60_000 }, () => {
  it('are refused by the hundred, and reveal nothing that the token guards', async () => {
    using folder = emptyFolder();
    writeStudy(folder.path, { ...fakeStudy({ space: smallSpace }), study: 'hidden-name' });
    const lines: string[] = [];
    await using dashboard = await serve(folder.path, { token: TOKEN, onLine: (line) => lines.push(line) });
    const rng = createRng('requests');
    const pick = <T>(some: readonly T[]): T => some[rng.integer(some.length)] as T;
    const paths = [
      '/',
      '/api/studies',
      '/api/studies/hidden-name',
      '/api/studies/%00',
      '/api/../api/studies',
    ];
    const requests = Array.from({ length: 300 }, () => {
      const line = `${pick(['GET', 'HEAD', 'POST', 'OPTIONS', 'G T'])} ${pick(paths)}${pick(['', '?where=1', `?${'a'.repeat(9000)}`, '#x', '%ff'])} HTTP/1.1`;
      const header = pick([
        'host: localhost',
        'host: evil.example',
        'host: localhost\r\nauthorization: Bearer wrong-token-of-some-length',
        `host: localhost\r\nauthorization: Bearer ${TOKEN}x`,
        'host: localhost\r\ncontent-length: -1',
        'host: localhost\r\ntransfer-encoding: chunked, chunked',
        `host: localhost\r\nx: ${'y'.repeat(20_000)}`,
      ]);
      const bytes = [...`${line}\r\n${header}\r\n\r\n`];
      for (let change = 0; change < rng.integer(4); change++)
        bytes[rng.integer(bytes.length)] = String.fromCharCode(rng.integer(256));
      return bytes.join('');
    });
    // Fewer concurrently than an address may have, so that none is closed for another.
    const answers: string[] = [];
    for (let at = 0; at < requests.length; at += 20)
      answers.push(
        ...(await Promise.all(requests.slice(at, at + 20).map((bytes) => send(dashboard.url, bytes)))),
      );
    for (const answer of answers)
      attacked('inputs', { seed: 'requests' }, () => {
        expect(answer).toMatch(/^$|^HTTP\/1\.1 (200|4\d\d) /);
        expect(answer).not.toMatch(/hidden-name|node_modules|\.ts:\d|NAS_BUG/);
      });
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 4')).length).toBeGreaterThan(100);
    expect(lines).toEqual([]);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await ask(`${dashboard.url}/api/studies/hidden-name`, headers)).toMatchObject({ status: 200 });
  });
});

describe('the token of nas dashboard', { timeout: 60_000 }, () => {
  it('lies in a file of its owner, which is made, and stands nowhere else', async () => {
    using folder = emptyFolder();
    writeStudy(join(folder.path, 'runs'), fakeStudy({ space: smallSpace }));
    expect(statSync(join(folder.path, 'runs/demo/trials.sqlite')).mode & 0o777).toBe(0o600);
    const args = ['dashboard', '--port', '0', '--token-file', 'token'];
    const child = spawn(...nasCommand(args, { cwd: folder.path }));
    try {
      let text = '';
      const url = await new Promise<string>((resolve) => {
        for (const stream of [child.stdout, child.stderr])
          stream.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
            const [, found] = /^open (\S+)\/#token=TOKEN, where TOKEN stands in token$/m.exec(text) ?? [];
            if (found !== undefined) resolve(found);
          });
      });
      const file = join(folder.path, 'token');
      const token = readFileSync(file, 'utf8').trim();
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(text).not.toContain(token);
      expect(readFileSync(`/proc/${child.pid ?? 0}/cmdline`, 'utf8')).not.toContain(token);
      expect(await ask(`${url}/api/studies`)).toMatchObject({ status: 401 });
      expect(await ask(`${url}/api/studies?token=${token}`)).toMatchObject({ status: 401 });
      expect(await ask(`${url}/api/studies`, { authorization: `Bearer ${token}` })).toMatchObject({
        status: 200,
      });
    } finally {
      child.kill('SIGKILL');
    }
  });
});
