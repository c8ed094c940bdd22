import type { IncomingMessage } from 'node:http';
import { readBody } from './body.js';
import { modelId, runsRequestSchema, SESSION_HEADER, sessionSchema, type AgentDeviceAnswer } from './wire.js';
import { problem, type Reply, type Work } from './work.js';

/** A request for runs is a few bytes. */
const RUNS_BODY = 1024;

/** Finds what a request that has the token asks for, and does it. Nothing of an address ever becomes a path. */
export async function answer(
  request: IncomingMessage,
  work: Work,
  device: AgentDeviceAnswer,
): Promise<Reply> {
  const parts = /^\/v1\/([^?#]*)$/.exec(request.url ?? '')?.[1]?.split('/') ?? [];
  const [what, id, rest] = parts;
  const method = request.method ?? '';
  if (what === 'device' && parts.length === 1)
    return method === 'GET' ? { status: 200, body: device } : wrongMethod('GET');

  const session = sessionSchema.safeParse(request.headers[SESSION_HEADER]).data;
  if (what === 'lease' && parts.length === 1) {
    if (session === undefined) return noSession;
    if (method === 'POST') return work.lease(session, request.socket.remoteAddress ?? 'a client');
    return method === 'DELETE' ? work.release(session) : wrongMethod('POST, DELETE');
  }
  if (what !== 'models' || id === undefined || !modelId.test(id)) return nothingHere;
  if (session === undefined) return noSession;
  if (parts.length === 2) {
    if (method === 'PUT') return work.put(id, session, () => readBody(request, device.modelBytes));
    return method === 'DELETE' ? work.remove(id, session) : wrongMethod('PUT, DELETE');
  }
  if (parts.length !== 3 || rest !== 'runs') return nothingHere;
  if (method !== 'POST') return wrongMethod('POST');
  const body = await readBody(request, RUNS_BODY);
  if ('problem' in body) return problem(body.problem === 'too large' ? 413 : 400, `body ${body.problem}`);
  const asked = runsRequestSchema.safeParse(parse(body.bytes));
  if (!asked.success) return problem(400, 'expected {"count": N}, 1 to 10000');
  return work.run(id, session, asked.data.count);
}

const nothingHere = problem(404, 'nothing is here');
const noSession = problem(400, `expected ${SESSION_HEADER}: 32 hexadecimal digits`);
const wrongMethod = (allowed: string): Reply => problem(405, `expected ${allowed}`);

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
