import type { IncomingMessage } from 'node:http';

/** A body, or why there is none: too long, or the client went away. */
export type Body = { readonly bytes: Buffer } | { readonly problem: 'too large' | 'broken off' };

/** Reads at most `limit` bytes; what a header claims is believed only when it is too much. */
export function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > limit)
    return Promise.resolve({ problem: 'too large' });
  return new Promise((resolve) => {
    const segments: Buffer[] = [];
    let taken = 0;
    request.on('data', (segment: Buffer) => {
      taken += segment.length;
      if (taken <= limit) segments.push(segment);
      else {
        segments.length = 0;
        resolve({ problem: 'too large' });
      }
    });
    request.on('end', () => resolve({ bytes: Buffer.concat(segments) }));
    request.on('error', () => resolve({ problem: 'broken off' }));
    request.on('close', () => resolve({ problem: 'broken off' }));
  });
}
