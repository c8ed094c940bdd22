import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder } from '../cli/nas.js';
import { writeStudy } from '../cli/studies.js';
import { missing, openPage } from './browser.js';
import { serve } from './serve.js';

const reason = missing();
const TOKEN = 'a-token-that-is-not-guessed';
const TABS = 8;

/** Hands requests on, and counts the event streams that are open. */
async function counting(to: string): Promise<AsyncDisposable & { readonly url: string; streams(): number }> {
  let streams = 0;
  const server = createServer((asked, response) => {
    const { pathname, search } = new URL(asked.url ?? '/', to);
    if (pathname === '/api/events') {
      streams++;
      response.once('close', () => streams--);
    }
    const sent = forward(
      `${to}${pathname}${search}`,
      { method: asked.method, headers: asked.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    sent.on('error', () => response.destroy()).end();
    response.once('close', () => sent.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams: () => streams,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

describe('a dashboard in many tabs', { timeout: 120_000 }, () => {
  it.for([null, TOKEN])(`is live in all of ${TABS}, with one event stream; token %s`, async (token, ctx) => {
    if (reason !== null) return ctx.skip(reason);
    using folder = emptyFolder();
    const spec = fakeStudy({ space: smallSpace });
    writeStudy(folder.path, { ...spec, study: 'first' });
    await using dashboard = await serve(folder.path, { token });
    await using between = await counting(dashboard.url);
    await using opened = await openPage();
    const address = `${between.url}/${token === null ? '' : `#token=${token}`}`;
    const pages = [opened.page];
    while (pages.length < TABS) pages.push(await opened.context.newPage());
    for (const page of pages) {
      await page.goto(address);
      await page.getByRole('link', { name: 'first', exact: true }).waitFor({ timeout: 20_000 });
      await page.locator('.live.on').waitFor({ timeout: 20_000 });
    }
    expect(between.streams()).toBe(1);
    writeStudy(folder.path, { ...spec, study: 'second' });
    for (const page of pages)
      await page.getByRole('link', { name: 'second', exact: true }).waitFor({ timeout: 20_000 });
    // The tab that came first goes; the others stay live.
    await pages.shift()?.close();
    writeStudy(folder.path, { ...spec, study: 'third' });
    for (const page of pages)
      await page.getByRole('link', { name: 'third', exact: true }).waitFor({ timeout: 20_000 });
    expect(between.streams()).toBe(1);
    expect(opened.problems).toEqual([]);
  });
});
