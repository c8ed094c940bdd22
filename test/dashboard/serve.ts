import { request } from 'node:http';
import { startDashboard, type Dashboard, type DashboardOptions } from '../../src/dashboard/index.js';

/** A dashboard on a free port that checks its files often. */
export function serve(runs: string, options: Partial<DashboardOptions> = {}): Promise<Dashboard> {
  return startDashboard({ runs, host: '127.0.0.1', port: 0, token: null, everyMs: 50, ...options });
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A request with headers that `fetch` would not send. */
export function ask(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    })
      .on('error', reject)
      .end();
  });
}

export async function json<T>(url: string): Promise<T> {
  const { status, text } = await ask(url);
  if (status !== 200) throw new Error(`${status} ${text}`);
  return JSON.parse(text) as T;
}
