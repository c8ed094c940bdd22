import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before an agent and passes on what it is asked, until `hang` says that from this request on none is answered. */
export async function hangingAgent(
  agent: string,
  hang: (asked: string) => boolean,
): Promise<{ readonly url: string; readonly hangs: () => boolean } & Disposable> {
  let hangs = false;
  const server = createServer((asked, answer) => {
    hangs ||= hang(`${asked.method ?? ''} ${asked.url ?? ''}`);
    if (hangs) return void asked.resume();
    const { method, url, headers } = asked;
    const passed = request(new URL(url ?? '/', agent), { method, headers, agent: false }, (found) => {
      answer.writeHead(found.statusCode ?? 500, found.headers);
      found.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    hangs: () => hangs,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
