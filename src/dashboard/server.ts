import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { limitConnections, NasError, tokenChecker, type ConnectionLimits } from '../core/index.js';
import { readPageBundle } from '../report/index.js';
import { checkAccess, hostChecker } from './address.js';
import { answersFrom } from './answers.js';
import { watchStudies } from './watch.js';

export interface DashboardOptions {
  /** Folder that holds a folder per study. */
  readonly runs: string;
  /** Address to listen on; one that others reach needs a token. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token: string | null;
  /** Names by which other machines know this one. */
  readonly names?: readonly string[];
  /** How often the studies' files are checked, ms. */
  readonly everyMs?: number;
  /** Called with bugs. */
  readonly onLine?: (line: string) => void;
}

export interface Dashboard extends AsyncDisposable {
  /** Where it listens, e.g. `http://127.0.0.1:7412`; the token is not in it. */
  readonly url: string;
}

const EVERY_MS = 1000;
const LIMITS: ConnectionLimits = { total: 128, perAddress: 64, stalledMs: 30_000 };

/**
 * Serves the page and what it asks for until it is disposed of. Studies are opened for reading only, for the time of one
 * answer each; the writer of a study never waits for it.
 * @throws NasError `NAS_DASHBOARD_TOKEN`, `NAS_DASHBOARD_LISTEN`, `NAS_NOT_BUILT`
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { runs, host, port, token, names = [], everyMs = EVERY_MS, onLine = () => undefined } = options;
  checkAccess(host, token);
  const page = readPageBundle();
  // Every command would load them otherwise, and Node's fetch with them.
  const [{ getRequestListener }, { routes }] = await Promise.all([
    import('@hono/node-server'),
    import('./routes.js'),
  ]);
  const watch = watchStudies(runs, everyMs);
  const allowedHost = hostChecker(host, names);
  const authorised = token === null ? null : tokenChecker(token);
  const answers = answersFrom(runs);
  const app = routes({ answers, watch, page, authorised, allowedHost, onLine });
  const answer = getRequestListener(app.fetch);
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 2000,
      maxHeaderSize: 16_384,
    },
    (request, response) => void answer(request, response),
  );
  limitConnections(server, LIMITS, ({ headers }) => authorised?.(headers.authorization) ?? false);
  const { address, family, port: taken } = await listen(server, host, port);
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await answers[Symbol.asyncDispose]();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)));
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): NasError {
  const used = cause.code === 'EADDRINUSE';
  return new NasError({
    code: 'NAS_DASHBOARD_LISTEN',
    found: used
      ? `port ${port} of ${host} is in use`
      : `cannot listen on ${host}, port ${port} (${cause.code ?? cause.message})`,
    expected: 'an address of this machine and a free port',
    fix: used
      ? 'end what uses it (another nas dashboard?), or give another --port (0 takes a free one)'
      : 'give another --host or --port',
    cause,
  });
}
