import { Hono, type Context } from 'hono';
import { isNasError, messageOf } from '../core/index.js';
import type { PageBundle } from '../report/index.js';
import { changeEvents } from './events.js';
import { guard, tokenGuard } from './guard.js';
import { partQuestion, rowsQuestion, trialNumber } from './query.js';
import type { Question } from './answer.js';
import type { Answers } from './answers.js';
import { BUG, problemOf } from './studies.js';
import type { Watch } from './watch.js';

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>platform-nas</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
</head>
<body>
<noscript>The dashboard needs JavaScript; nas trials, nas frontier and nas show do not.</noscript>
<script src="page.js"></script>
</body>
</html>
`;

export interface RouteParts {
  readonly answers: Answers;
  readonly watch: Watch;
  readonly page: PageBundle;
  /** Null lets everybody in. */
  readonly authorised: ((header: string | undefined) => boolean) | null;
  readonly allowedHost: (header: string | undefined) => boolean;
  /** Called with bugs. */
  readonly onLine: (line: string) => void;
}

/** Everything that the server answers. The page itself holds nothing secret; what it asks for needs the token. */
export function routes({ answers, watch, page, authorised, allowedHost, onLine }: RouteParts): Hono {
  const app = new Hono();
  app.use(guard(allowedHost));
  if (authorised !== null) app.use('/api/*', tokenGuard(authorised));
  app.get('/', (context) => context.html(HTML));
  app.get('/page.js', (context) => file(context, 'text/javascript', page.script));
  app.get('/page.css', (context) => file(context, 'text/css', page.style));
  app.get('/events.js', (context) => file(context, 'text/javascript', page.worker));
  const answer = async (context: Context, question: Question): Promise<Response> =>
    context.body(await answers.answer(question), 200, { 'content-type': 'application/json' });
  app.get('/api/studies', (context) => answer(context, { about: 'list' }));
  app.get('/api/studies/:name', (context) => {
    const name = context.req.param('name');
    return answer(context, { about: 'study', name, ...partQuestion(context.req.query()) });
  });
  app.get('/api/studies/:name/trials', (context) => {
    const name = context.req.param('name');
    return answer(context, { about: 'rows', name, ...rowsQuestion(context.req.query()) });
  });
  app.get('/api/studies/:name/trials/:id', (context) => {
    const name = context.req.param('name');
    return answer(context, { about: 'trial', name, id: trialNumber(context.req.param('id')) });
  });
  app.get('/api/events', (context) => changeEvents(context, watch));
  app.notFound((context) => context.json({ code: 'NAS_BAD_QUERY', found: 'nothing is there' }, 404));
  app.onError((error, context) => {
    if (!isNasError(error) || error.code === BUG) onLine(`bug: ${messageOf(error)}`);
    return context.json(problemOf(error), statusOf(error));
  });
  return app;
}

function file(context: Context, mediaType: string, text: string): Response {
  return context.body(text, 200, { 'content-type': `${mediaType}; charset=utf-8` });
}

function statusOf(error: unknown): 400 | 404 | 409 | 500 {
  if (!isNasError(error) || error.code === BUG) return 500;
  if (/_MISSING$/.test(error.code)) return 404;
  return /^NAS_BAD_(STUDY_NAME|QUERY|WHERE)$/.test(error.code) ? 400 : 409;
}
