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

/** Only reading, only under a name of this machine, never for another site; every answer with the headers above. */
export function guard(allowedHost: (header: string | undefined) => boolean): MiddlewareHandler {
  return async (context, next) => {
    if (!allowedHost(context.req.header('host')))
      context.res = refuse(context, 403, 'NAS_DASHBOARD_HOST', 'this dashboard is not known by that name');
    else if (!sameSite(context))
      context.res = refuse(
        context,
        403,
        'NAS_DASHBOARD_SITE',
        'another site asks; a dashboard answers its own page',
      );
    else if (context.req.method !== 'GET' && context.req.method !== 'HEAD')
      context.res = refuse(context, 405, 'NAS_DASHBOARD_METHOD', 'a dashboard is only read');
    else await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
    return undefined;
  };
}

/**
 * Whether a request comes from the dashboard's own page, from its address bar or from no browser. A link from elsewhere
 * may open the page, which holds nothing itself.
 */
function sameSite({ req }: Context): boolean {
  const origin = req.header('origin');
  if (origin !== undefined && hostOf(origin) !== req.header('host')?.toLowerCase()) return false;
  const site = req.header('sec-fetch-site');
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  const opens = req.header('sec-fetch-mode') === 'navigate' && req.header('sec-fetch-dest') === 'document';
  return opens && req.path === '/';
}

function hostOf(origin: string): string | null {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase() ?? null;
}

/** Refuses every request without the token. */
export function tokenGuard(authorised: (header: string | undefined) => boolean): MiddlewareHandler {
  return async (context, next) => {
    if (authorised(context.req.header('authorization'))) return next();
    context.header('www-authenticate', 'Bearer');
    return refuse(context, 401, 'NAS_DASHBOARD_TOKEN', 'this dashboard needs its token');
  };
}

function refuse(context: Context, status: 401 | 403 | 405, code: string, found: string): Response {
  return context.json({ code, found }, status);
}
