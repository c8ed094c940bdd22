import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { totalmem } from 'node:os';
import { limitConnections, messageOf, NasError, tokenChecker } from '../../../core/index.js';
import { fingerprintDigest } from '../../platform/fingerprint.js';
import { agentFingerprint } from './fingerprint.js';
import { answer } from './routes.js';
import { startRunner } from './runner-process.js';
import { checkToken } from './token.js';
import { AGENT_PROTOCOL, type AgentDeviceAnswer } from './wire.js';
import { createWork, problem, type Reply, type Work, type WorkLimits } from './work.js';

export interface AgentOptions {
  /** Address that it listens on: the loopback's, unless others are to reach it. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly token: string;
  /** Threads within an operator, from 1. */
  readonly threads: number;
  /** Version of this package. */
  readonly version: string;
  /** What the process that times gets as its environment, the token left out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly limits?: Partial<AgentLimits>;
  /** Called with what the timing process prints and with bugs of the agent. */
  readonly onLine?: (line: string) => void;
}

export interface AgentLimits extends WorkLimits {
  /** Longest loading or timing of one request, ms; then the timing process is ended. */
  readonly deadlineMs: number;
  /** Memory that networks may take in the timing process; one that needs more is refused or ends that process. */
  readonly memoryBytes: number;
  /** A request's runs are cut off after about so long, ms; the client asks for the rest. */
  readonly runsMs: number;
  /** Time for a request's headers, and for all of it, ms. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** Concurrent connections, and those from one address; where there are more, the least useful is closed. */
  readonly connections: number;
  readonly perAddress: number;
  /** A client that takes nothing of its answer for so long is hung up on, ms. */
  readonly stalledMs: number;
}

const MIB = 2 ** 20;
const memoryOf = (): number => Math.max(512 * MIB, Math.min(4096 * MIB, Math.floor(totalmem() / 2)));
const defaults = (): AgentLimits => ({
  // Checked and opened, a file takes a few times its size.
  modelBytes: Math.min(128 * MIB, Math.floor(memoryOf() / 6)),
  models: 128,
  allBytes: Math.max(128 * MIB, Math.min(1024 * MIB, Math.floor(totalmem() / 6))),
  leaseMs: 30_000,
  idleMs: 120_000,
  deadlineMs: 120_000,
  memoryBytes: memoryOf(),
  runsMs: 20_000,
  headersMs: 10_000,
  requestMs: 120_000,
  connections: 64,
  perAddress: 32,
  stalledMs: 30_000,
});

export interface Agent extends AsyncDisposable {
  /** Where it listens, e.g. `http://127.0.0.1:7411`. */
  readonly url: string;
  readonly device: AgentDeviceAnswer['device'];
}

/**
 * Starts an agent: a small HTTP server that takes ONNX files and reports how long their runs take here.
 *
 * Every request needs the token. `GET /v1/device`; `POST` and `DELETE /v1/lease`; `PUT` and `DELETE
 * /v1/models/SHA256`; `POST /v1/models/SHA256/runs`. One client at a time has its turn, others get 409.
 * @throws NasError `NAS_AGENT_LISTEN`, `NAS_AGENT_TOKEN_FORM`, `NAS_NO_ONNXRUNTIME`
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { host, port, token, threads, version, environment, onLine = () => undefined } = options;
  const limits = { ...defaults(), ...options.limits };
  const allowed = tokenChecker(checkToken(token, 'the options'));
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(2000, limits.headersMs),
    keepAliveTimeout: 60_000,
    maxHeaderSize: 8192,
  });
  limitConnections(
    server,
    { total: limits.connections, perAddress: limits.perAddress, stalledMs: limits.stalledMs },
    ({ headers }) => allowed(headers.authorization),
  );
  const runner = await startRunner({
    threads,
    deadlineMs: limits.deadlineMs,
    limitMs: limits.runsMs,
    memoryBytes: limits.memoryBytes,
    environment,
    onLine,
  });
  const fingerprint = agentFingerprint(threads, runner.version);
  const { platform: _, batch: __, ...device } = fingerprint;
  const described: AgentDeviceAnswer = {
    agent: AGENT_PROTOCOL,
    version,
    device,
    modelBytes: limits.modelBytes,
  };
  const work = createWork(runner, limits, fingerprintDigest(fingerprint), (from) =>
    onLine(`measures for ${from}`),
  );
  server.on('request', (request, response) => {
    respond(request, response, { allowed, work, described, onLine }).catch((error: unknown) => {
      onLine(`bug: ${messageOf(error)}`);
      request.socket.destroy();
    });
  });
  // Last, so that every connection is answered.
  const address = await listen(server, host, port).catch(async (error: unknown) => {
    await runner[Symbol.asyncDispose]();
    throw error;
  });
  const tidying = setInterval(() => void work.tidy(), Math.max(50, limits.idleMs / 4));
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    device,
    async [Symbol.asyncDispose]() {
      clearInterval(tidying);
      const closing = close(server);
      await runner[Symbol.asyncDispose]();
      server.closeAllConnections();
      await closing;
    },
  };
}

interface Surroundings {
  readonly allowed: (header: string | undefined) => boolean;
  readonly work: Work;
  readonly described: AgentDeviceAnswer;
  readonly onLine: (line: string) => void;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { allowed, work, described, onLine }: Surroundings,
): Promise<void> {
  const reply = allowed(request.headers.authorization)
    ? await answer(request, work, described).catch((error: unknown) => {
        onLine(`bug: ${messageOf(error)}`);
        return problem(500, 'a bug in the agent');
      })
    : problem(401, 'not allowed');
  if (response.destroyed) return;
  send(response, reply, request.complete);
  if (!request.complete) drain(request);
}

function send(response: ServerResponse, { status, body, retryAfter }: Reply, keep: boolean): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...(keep ? {} : { connection: 'close' }),
  });
  response.end(text);
}

/** Takes a little of a body that was refused, so that a client that still sends it hears the answer; then hangs up. */
function drain(request: IncomingMessage): void {
  let left = 16 * MIB;
  const hangUp = setTimeout(() => request.socket.destroy(), 3000);
  request.on('data', (segment: Buffer) => {
    left -= segment.length;
    if (left < 0) request.socket.destroy();
  });
  request.on('close', () => clearTimeout(hangUp));
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)));
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): NasError {
  const used = cause.code === 'EADDRINUSE';
  return new NasError({
    code: 'NAS_AGENT_LISTEN',
    found: used
      ? `port ${port} of ${host} is in use`
      : `cannot listen on ${host}, port ${port} (${cause.code ?? cause.message})`,
    expected: 'an address of this machine and a free port',
    fix: used
      ? 'end what uses it (another nas agent?), or give another --port'
      : 'give another --host or --port',
    cause,
  });
}
