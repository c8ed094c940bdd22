import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';

/** Nothing but what this server sends; no inline script, no frame around it. ECharts sets styles through the DOM. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Only reading, only under a name of this machine; every answer with the headers above. */
export function guard(allowedHost: (header: string | undefined) => boolean): MiddlewareHandler {
  return async (context, next) => {
    if (!allowedHost(context.req.header('host')))
      context.res = refuse(context, 403, 'NAS_DASHBOARD_HOST', 'this dashboard is not known by that name');
    else if (context.req.method !== 'GET' && context.req.method !== 'HEAD')
      context.res = refuse(context, 405, 'NAS_DASHBOARD_METHOD', 'a dashboard is only read');
    else await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
    return undefined;
  };
}

/** Asks for `Authorization: Bearer …`; compares in a time that tells nothing of the token. */
export function tokenGuard(token: string): MiddlewareHandler {
  const expected = hash(token);
  return async (context, next) => {
    const [, given] = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (timingSafeEqual(hash(given ?? ''), expected) && given !== undefined) return next();
    context.header('www-authenticate', 'Bearer');
    return refuse(context, 401, 'NAS_DASHBOARD_TOKEN', 'this dashboard needs its token');
  };
}

function refuse(context: Context, status: 401 | 403 | 405, code: string, found: string): Response {
  return context.json({ code, found }, status);
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
