import { describe, expect, it } from 'vitest';
import { checkAccess, hostChecker } from '../../src/dashboard/address.js';
import { emptyFolder, nas } from '../cli/nas.js';
import { ask, serve } from './serve.js';

const TOKEN = 'a-token-that-is-not-guessed';

describe('access to a dashboard', () => {
  it('everybody on this machine, and others with a token only', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) checkAccess(host, null);
    for (const host of ['0.0.0.0', '::', '192.168.1.7', 'board', '127.0.0.1.example'])
      expect(() => checkAccess(host, null)).toThrow(expect.objectContaining({ code: 'NAS_DASHBOARD_TOKEN' }));
    checkAccess('0.0.0.0', TOKEN);
    for (const token of ['', 'short', 'with a blank in the middle', 'ümlaut-and-more-letters'])
      expect(() => checkAccess('127.0.0.1', token)).toThrow(
        expect.objectContaining({ code: 'NAS_DASHBOARD_TOKEN' }),
      );
  });

  it('under a name of this machine only', () => {
    const local = hostChecker('127.0.0.1', ['Desk']);
    for (const name of ['127.0.0.1:7412', 'localhost', 'LOCALHOST:1', '[::1]:80', 'desk:7412'])
      expect([name, local(name)]).toEqual([name, true]);
    for (const name of ['evil.example', 'evil.example:7412', '192.168.1.7', '127.0.0.1.evil.example'])
      expect([name, local(name)]).toEqual([name, false]);
    for (const name of [undefined, '', '[::1', 'a:b:c', 'localhost:x', 'localhost@evil.example'])
      expect([name, local(name)]).toEqual([name, false]);
    const open = hostChecker('0.0.0.0', []);
    expect(open('192.168.1.7:7412')).toBe(true);
    expect(open('[fe80::1]:7412')).toBe(true);
    expect(open('evil.example')).toBe(false);
  });

  it('is checked at each request; what is refused says nothing', async () => {
    using folder = emptyFolder();
    await using dashboard = await serve(folder.path, { token: TOKEN });
    const at = (path: string): string => `${dashboard.url}${path}`;
    for (const path of ['/api/studies', '/api/studies/demo', '/api/events', '/api/anything']) {
      for (const headers of [
        {},
        { authorization: `Bearer ${TOKEN}x` },
        { authorization: `Bearer ${TOKEN.slice(1)}` },
        { authorization: `Basic ${TOKEN}` },
      ])
        expect(await ask(at(path), headers)).toMatchObject({ status: 401 });
      expect(await ask(at(`${path}?token=${TOKEN}`))).toMatchObject({ status: 401 });
    }
    const authorization = `Bearer ${TOKEN}`;
    expect(await ask(at('/api/studies'), { authorization })).toMatchObject({ status: 200, text: '[]' });
    expect(await ask(at('/api/studies'), { authorization, host: 'evil.example' })).toMatchObject({
      status: 403,
    });
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      expect(await ask(at('/api/studies'), { authorization }, method)).toMatchObject({ status: 405 });
  });

  it('and every answer carries the headers that keep others out', async () => {
    using folder = emptyFolder();
    await using dashboard = await serve(folder.path);
    for (const path of [
      '/',
      '/page.js',
      '/page.css',
      '/api/studies',
      '/nothing',
      '/api/studies/..%2f..%2fetc',
    ]) {
      const { headers } = await ask(`${dashboard.url}${path}`);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('is reported in one line by the command', async () => {
    using folder = emptyFolder();
    await using dashboard = await serve(folder.path);
    const port = new URL(dashboard.url).port;
    const [open, used, noFile] = await Promise.all(
      [
        ['dashboard', '--host', '0.0.0.0'],
        ['dashboard', '--port', port],
        ['dashboard', '--token-file', '.'],
      ].map((args) => nas(args, { cwd: folder.path })),
    );
    expect(open).toMatchObject({ code: 2, stdout: '' });
    expect(open?.stderr).toMatch(/^error: --host 0\.0\.0\.0 .*fix: .*\[NAS_DASHBOARD_TOKEN\]\n$/);
    expect(used).toMatchObject({ code: 2 });
    expect(used?.stderr).toMatch(new RegExp(`^error: port ${port} .*\\[NAS_DASHBOARD_LISTEN\\]\\n$`));
    expect(noFile).toMatchObject({ code: 2 });
    expect(noFile?.stderr).toMatch(/^error: \. cannot be read .*fix: .*\[NAS_DASHBOARD_TOKEN_FILE\]\n$/);
    const short = await nas(['dashboard'], { cwd: folder.path, env: { NAS_DASHBOARD_TOKEN: 'short-one' } });
    expect(short).toMatchObject({ code: 2 });
    expect(short.stderr).toMatch(/\[NAS_DASHBOARD_TOKEN\]\n$/);
    expect(short.stderr).not.toContain('short-one');
  });
});
