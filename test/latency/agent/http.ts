import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { SESSIONS, TOKEN } from './samples.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  /** As it stands in the request, not normalised. */
  readonly path: string;
  readonly token?: string | null;
  readonly session?: string;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends the body in chunks, without its length. */
  readonly chunked?: boolean;
}

/** One request, as written. */
export function ask(url: string, asked: Asked): Promise<Answer> {
  const {
    method = 'GET',
    path,
    token = TOKEN,
    session = SESSIONS[0],
    body,
    chunked = false,
    headers,
  } = asked;
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        path,
        method,
        agent: false,
        headers: {
          'x-nas-session': session,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined || chunked ? {} : { 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (segment: string) => (text += segment));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    if (body !== undefined && chunked) {
      const bytes = Buffer.from(body);
      for (let at = 0; at < bytes.length; at += 65_536) sent.write(bytes.subarray(at, at + 65_536));
      sent.end();
    } else sent.end(body);
  });
}

export const idOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function put(url: string, bytes: Uint8Array, more: Partial<Asked> = {}): Promise<Answer> {
  return ask(url, { method: 'PUT', path: `/v1/models/${idOf(bytes)}`, body: bytes, ...more });
}

export function runs(
  url: string,
  bytes: Uint8Array,
  count: unknown,
  more: Partial<Asked> = {},
): Promise<Answer> {
  const body = JSON.stringify({ count });
  return ask(url, { method: 'POST', path: `/v1/models/${idOf(bytes)}/runs`, body, ...more });
}

/** Writes `text` and then nothing; resolves to what comes back before the other side hangs up. */
export function hang(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding('utf8').on('data', (segment: string) => (heard += segment));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}
