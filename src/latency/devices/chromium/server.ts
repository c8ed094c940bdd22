import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a path answers with. */
export interface Served {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface PageServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/TOKEN/`; nothing is served without the token. */
  readonly base: string;
  /** Serves a model from memory until it is withdrawn. */
  offer(bytes: Uint8Array): { readonly path: string; withdraw(): void };
}

const HEADERS = {
  // Cross-origin isolation: without it there are no threads and the clock is coarse.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': [
    "default-src 'none'",
    // The driver of the browser evaluates texts in the page.
    "script-src 'self' blob: 'unsafe-eval' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "connect-src 'self'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** Serves exactly these files, and models, to this machine, on a free port and below a secret path. */
export async function servePage(files: ReadonlyMap<string, Served>): Promise<PageServer> {
  const token = randomBytes(24).toString('hex');
  const models = new Map<string, Served>();
  let count = 0;
  let host = '';

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = /^\/([0-9a-f]+)\/(.*)$/.exec(request.url ?? '');
    const known = request.method === 'GET' && request.headers.host === host && path?.[1] === token;
    const served = known ? (files.get(path[2] ?? '') ?? models.get(path[2] ?? '')) : undefined;
    if (served === undefined) return void response.writeHead(404, HEADERS).end();
    response
      .writeHead(200, {
        ...HEADERS,
        'Content-Type': served.mediaType,
        'Content-Length': served.bytes.byteLength,
      })
      .end(served.bytes);
  };
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    base: `http://${host}/${token}/`,
    offer(bytes) {
      const path = `model/${++count}`;
      models.set(path, { mediaType: 'application/octet-stream', bytes });
      return { path, withdraw: () => void models.delete(path) };
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
