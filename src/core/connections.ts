import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** Concurrent connections. */
  readonly total: number;
  /** Of them from one address. */
  readonly perAddress: number;
  /** A client that takes nothing of an answer for so long is hung up on, ms. */
  readonly stalledMs: number;
}

/** How much a connection is worth: the least goes first. */
const SILENT = 0;
const IDLE = 1;
const ANSWERED = 2;
const TRUSTED = 3;

interface Held {
  readonly socket: Socket;
  readonly address: string;
  worth: number;
  /** Order in which connections were last used. */
  used: number;
}

/**
 * Keeps a server reachable no matter what clients do: no connection is refused. Where there are too many connections, one
 * is closed: first those that have asked nothing yet, then idle ones, then those that are being answered, of each kind
 * the one that was quiet longest; for a new one from an address that has its share, one of that address.
 * @param trusted whether a request is one of those that are kept to the last, such as ones with the right token
 */
export function limitConnections(
  server: Server,
  { total, perAddress, stalledMs }: ConnectionLimits,
  trusted: (request: IncomingMessage) => boolean,
): void {
  const all = new Map<Socket, Held>();
  let uses = 0;

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const ofAddress = [...all.values()].filter((held) => held.address === address);
    if (ofAddress.length >= perAddress) close(leastOf(ofAddress));
    else if (all.size >= total) close(leastOf([...all.values()]));
    all.set(socket, { socket, address, worth: SILENT, used: ++uses });
    socket.once('close', () => all.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const held = all.get(request.socket);
    if (held === undefined) return;
    held.worth = trusted(request) ? TRUSTED : ANSWERED;
    held.used = ++uses;
    response.once('close', () => (held.worth = IDLE));
  });
  // A socket that was quiet for so long; while an answer is in the making that is no fault of the client.
  server.setTimeout(stalledMs, (socket: Socket) => {
    const making = (all.get(socket)?.worth ?? SILENT) >= ANSWERED && socket.writableLength === 0;
    if (making) socket.setTimeout(stalledMs);
    else socket.destroy();
  });

  function close(held: Held | undefined): void {
    if (held === undefined) return;
    all.delete(held.socket);
    held.socket.destroy();
  }
}

function leastOf(some: readonly Held[]): Held | undefined {
  const [first, ...others] = some;
  if (first === undefined) return undefined;
  return others.reduce(
    (least, held) =>
      held.worth < least.worth || (held.worth === least.worth && held.used < least.used) ? held : least,
    first,
  );
}
