import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { limitConnections, type ConnectionLimits } from '../../src/core/index.js';

let server: Server;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
});

async function serve(
  limits: Partial<ConnectionLimits>,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<void> {
  server = createServer({ keepAliveTimeout: 60_000 }, answer);
  limitConnections(
    server,
    { total: 4, perAddress: 4, stalledMs: 60_000, ...limits },
    ({ headers }) => headers['x-trusted'] === 'yes',
  );
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
}

interface Client {
  readonly socket: Socket;
  readonly ended: Promise<void>;
  isOpen(): boolean;
}

/** Connects from an address of this machine, sends a text and reads what comes, unless asked not to. */
async function client(text = '', from = '127.0.0.1', reads = true): Promise<Client> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  sockets.push(socket);
  socket.on('error', () => undefined);
  if (reads) socket.resume();
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const before = socket.bytesRead;
  if (text !== '') socket.write(text);
  if (text !== '' && reads) await expect.poll(() => socket.bytesRead > before).toBe(true);
  return { socket, ended, isOpen: () => !socket.destroyed };
}

const request = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`;
/** `/open` begins an answer that does not end; all else is answered immediately. */
const answer = ({ url }: IncomingMessage, response: ServerResponse): void => {
  response.write('x');
  if (url !== '/open') response.end();
};

describe('limited connections', () => {
  it('close what is worth least, and never refuse who comes', async () => {
    await serve({}, answer);
    const trusted = await client(request('/open', 'x-trusted: yes\r\n'));
    const idle = await client(request('/'));
    const streaming = await client(request('/open'));
    const silent = await client();
    const a = await client(request('/open'));
    await silent.ended;
    const b = await client(request('/open'));
    await idle.ended;
    await client(request('/open'));
    await streaming.ended;
    await client(request('/open'));
    await a.ended;
    expect([trusted.isOpen(), b.isOpen()]).toEqual([true, true]);
  });

  it('take them of the address that has its share', async () => {
    await serve({ total: 10, perAddress: 2 }, answer);
    const other = await client('', '127.0.0.2');
    const first = await client(request('/open'));
    const second = await client(request('/open'));
    await client(request('/open'));
    await first.ended;
    expect([other.isOpen(), second.isOpen()]).toEqual([true, true]);
  });

  it('hang up on a client that takes nothing of its answer, not on one that waits for it', async () => {
    let finish: (() => void) | null = null;
    await serve({ stalledMs: 200 }, ({ url }, response) => {
      if (url === '/large') response.end(Buffer.alloc(64 * 2 ** 20));
      else finish = () => void response.end('done');
    });
    const stuck = await client(request('/large'), '127.0.0.1', false);
    stuck.socket.pause();
    const { port } = server.address() as AddressInfo;
    const waits = fetch(`http://127.0.0.1:${port}/late`).then((response) => response.text());
    await expect.poll(() => finish !== null).toBe(true);
    await expect
      .poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count))), {
        timeout: 10_000,
      })
      .toBe(1);
    (finish as (() => void) | null)?.();
    expect(await waits).toBe('done');
  });
});
