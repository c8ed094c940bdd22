import { setTimeout as sleep } from 'node:timers/promises';
import { NasError, stopwatch } from '../../../core/index.js';
import { oneLine, problemSchema, SESSION_HEADER } from './wire.js';

/** Most bytes of an answer. */
const MOST_ANSWER = 4 * 2 ** 20;

/** What an agent, or a proxy before it, answers when it cannot work. */
const IN_TROUBLE: readonly number[] = [500, 502, 504];

export interface Patience {
  /** Seconds for which lost connections are tried again. */
  readonly lostSeconds: number;
  /** Seconds for which another client's turn is waited for. */
  readonly busySeconds: number;
  /** Seconds for the answer to one request. */
  readonly answerSeconds: number;
}

export interface Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: Uint8Array | string;
}

export interface AgentConnection {
  /**
   * The answer's JSON, or null for 404 and 410; lost connections and another client's turn are waited out.
   * @throws NasError one code for each thing that may be wrong; see {@link agentDevice}
   */
  ask(request: Request, patience: Patience): Promise<unknown>;
}

/**
 * Speaks HTTP with an agent. `url` has no path; the token stands in a header only.
 * @param signalNow ends a request that begins now
 * @param alive called at each answer and each try: waiting for another client's turn is no hang
 */
export function connectAgent(
  url: string,
  token: string,
  session: string,
  signalNow: () => AbortSignal,
  alive: () => void = () => undefined,
): AgentConnection {
  async function once(request: Request, answerSeconds: number, signal: AbortSignal): Promise<Reply> {
    // Not AbortSignal.any with AbortSignal.timeout: on Node 20 such a pair may be collected and then never fires.
    const ending = new AbortController();
    const stop = (): void => ending.abort(signal.reason);
    const late = setTimeout(() => ending.abort(new Error('no answer in time')), 1000 * answerSeconds);
    signal.addEventListener('abort', stop, { once: true });
    try {
      const response = await fetch(`${url}${request.path}`, {
        method: request.method,
        // Never after a redirection: the token is for this address.
        redirect: 'error',
        signal: ending.signal,
        headers: { authorization: `Bearer ${token}`, [SESSION_HEADER]: session },
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      return { status: response.status, text: await readText(response) };
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    }
  }

  /** Whether an agent has answered here: a later 5xx is then that of a machine in trouble. */
  let met = false;
  return {
    async ask(request, { lostSeconds, busySeconds, answerSeconds }) {
      const signal = signalNow();
      signal.throwIfAborted();
      let lostMs: (() => number) | null = null;
      let busyMs: (() => number) | null = null;
      for (let tries = 0; ; tries++) {
        const reply = await once(request, answerSeconds, signal).catch((error: unknown) => {
          signal.throwIfAborted();
          return { lost: error };
        });
        alive();
        let pauseMs = 250;
        if ('lost' in reply) {
          lostMs ??= stopwatch();
          pauseMs = Math.min(2000, 100 * 2 ** tries);
          if (lostMs() + pauseMs > 1000 * lostSeconds) throw unreachable(url, reply.lost);
        } else if (reply.status === 409 || reply.status === 503) {
          lostMs = null;
          busyMs ??= stopwatch();
          if (busyMs() + pauseMs > 1000 * busySeconds) throw busy(url, reply.text, busySeconds);
        } else if (met && IN_TROUBLE.includes(reply.status)) {
          lostMs ??= stopwatch();
          pauseMs = Math.min(2000, 100 * 2 ** tries);
          if (lostMs() + pauseMs > 1000 * lostSeconds)
            throw unreachable(url, new Error(`status ${reply.status}`));
        } else {
          const answer = read(url, request, reply);
          met ||= answer !== null;
          return answer;
        }
        await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    },
  };
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  if (response.body === null) return text;
  for await (const segment of response.body as AsyncIterable<Uint8Array>) {
    text += decoder.decode(segment, { stream: true });
    if (text.length > MOST_ANSWER) throw new Error('an answer without end');
  }
  return text;
}

function read(url: string, { method, path }: Request, { status, text }: Reply): unknown {
  if (status === 404 || status === 410) return null;
  const body = parse(text);
  if (status === 200 && body !== undefined) return body;
  const problem = problemSchema.safeParse(body).data?.error;
  const why = problem === undefined ? '' : `: ${oneLine(problem)}`;
  switch (status) {
    case 401:
    case 403:
      throw new NasError({
        code: 'NAS_AGENT_TOKEN',
        found: `the agent at ${url} refuses the token`,
        expected: 'the token that nas agent printed or was given there',
        fix: 'set it here: export NAS_AGENT_TOKEN=…',
        fault: 'permanent',
      });
    case 413:
    case 507:
      throw new NasError({
        code: 'NAS_AGENT_FULL',
        found: `the agent at ${url} does not take the network${why}`,
        fix: 'smaller networks, or an agent on a machine with more memory',
      });
    case 422:
      throw new NasError({
        code: 'NAS_AGENT_MODEL',
        found: `the agent at ${url} cannot run the network${why}`,
        fix: 'see the log of nas agent there',
      });
    default:
      if (problem === undefined) throw notAnAgent(url, `status ${status} to ${method} ${path.slice(0, 40)}`);
      throw new NasError({
        code: 'NAS_AGENT_VERSION',
        found: `the agent at ${url} answers ${status}${why}`,
        expected: 'an agent of the same version of platform-nas',
        fix: 'install the same version on both machines and start nas agent again',
        fault: 'permanent',
      });
  }
}

/** Something else listens there, or another version. */
export function notAnAgent(url: string, found: string): NasError {
  return new NasError({
    code: 'NAS_AGENT_VERSION',
    found: `what answers at ${url} is not an agent of this version (${oneLine(found)})`,
    expected: 'nas agent of the same version of platform-nas',
    fix: 'check host and port, and that both machines have the same version',
    fault: 'permanent',
  });
}

function busy(url: string, text: string, seconds: number): NasError {
  const problem = problemSchema.safeParse(parse(text)).data?.error;
  return new NasError({
    code: 'NAS_AGENT_BUSY',
    found: `the agent at ${url} was busy for ${Math.round(seconds)} s${problem === undefined ? '' : ` (${oneLine(problem)})`}`,
    expected: 'a free agent: it measures for one client at a time',
    fix: 'wait for the other study, or use another device',
    fault: 'transient',
  });
}

function unreachable(url: string, cause: unknown): NasError {
  return new NasError({
    code: 'NAS_AGENT_UNREACHABLE',
    found: `no agent at ${url} (${reasonOf(cause)})`,
    expected: 'nas agent running there',
    fix: 'start it there; from outside it is reached with --host, or through ssh -L PORT:127.0.0.1:PORT',
    fault: 'transient',
    cause,
  });
}

/** The innermost reason: fetch says no more than "fetch failed" itself. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return oneLine(String(inner));
  const { code } = inner as NodeJS.ErrnoException;
  return oneLine(inner.message === '' ? (code ?? inner.name) : inner.message);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
