import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { formatMs, formatPercent } from '../../src/core/index.js';
import { readStudy, type TrialRow } from '../../src/trials/index.js';
import { emptyFolder } from '../cli/nas.js';
import { inPage, missing, openPage } from './browser.js';
import { searching } from './search.js';
import { serve } from './serve.js';

const reason = missing();
const TRIALS = 14;

interface Cell {
  readonly trial: number;
  readonly accuracy: string;
  readonly latency: string;
  readonly state: string;
}

/** The rows of the trials' table as they stand on the page. */
function rowsOn(page: Page): Promise<readonly Cell[]> {
  return inPage(
    page,
    `[...document.querySelectorAll('table.trials tbody tr')].map((row) => {
      const cell = (name) => row.querySelector('[data-column="' + name + '"]').textContent;
      return { trial: Number(cell('trial')), accuracy: cell('accuracy'), latency: cell('latencyMs'), state: cell('state') };
    })`,
  );
}

function expected(rows: readonly TrialRow[]): readonly Cell[] {
  return rows.map(({ trial, accuracy, latencyMs, state }) => ({
    trial,
    accuracy: accuracy === null ? '–' : formatPercent(accuracy),
    latency: latencyMs === null ? '–' : formatMs(latencyMs),
    state,
  }));
}

/** The numbers in the tiles by name. */
async function tileOn(page: Page, name: string): Promise<string> {
  return inPage(page, `document.querySelector('[data-tile="${name}"]').firstChild.textContent`);
}

function frontOn(page: Page): Promise<readonly number[]> {
  return inPage(
    page,
    `[...document.querySelectorAll('#section-frontier tbody a')].map((link) => Number(link.textContent))`,
  );
}

describe('the dashboard while a search runs', { timeout: 120_000 }, () => {
  it('shows what the database holds, at each moment, without being loaded again', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    using folder = emptyFolder();
    await using search = searching(folder.path, TRIALS);
    await using dashboard = await serve(join(folder.path, 'runs'));
    await using opened = await openPage();
    const { page } = opened;
    const stored = (): readonly TrialRow[] => {
      using reader = readStudy(join(folder.path, 'runs/demo'));
      return reader.rows();
    };
    // Both sides are read again until they agree: what was on its way when the search was held may still come.
    const soon = (check: () => Promise<void>): Promise<void> =>
      vi.waitFor(check, { timeout: 20_000, interval: 100 });
    const agrees = (): Promise<void> =>
      soon(async () => expect(await rowsOn(page)).toEqual(expected(stored())));

    await page.goto(dashboard.url);
    await page.getByRole('link', { name: 'demo' }).click();
    await page.getByRole('link', { name: 'Trials', exact: true }).first().click();
    await inPage(page, 'window.sameDocument = true');
    await expect
      .poll(async () => (await rowsOn(page)).filter(({ state }) => state === 'done').length, {
        timeout: 60_000,
      })
      .toBeGreaterThanOrEqual(3);
    search.hold();
    await agrees();
    const before = stored().length;
    expect(stored().filter(({ state }) => state === 'running').length).toBeGreaterThan(0);

    // The best, as the tiles say it, is what the store says.
    await page.getByRole('link', { name: 'Frontier', exact: true }).click();
    await soon(async () => {
      using reader = readStudy(join(folder.path, 'runs/demo'));
      const best = reader.best(0.6);
      const finished = reader.count() - reader.count({ states: ['running'] });
      expect(await tileOn(page, 'Trials finished')).toBe(String(finished));
      expect(await tileOn(page, 'Proxy’s best accuracy')).toBe(
        best === undefined ? '–' : formatPercent(best.accuracy ?? 0),
      );
      expect(await frontOn(page)).toEqual(reader.frontier().map(({ trial }) => trial));
    });
    await page.getByRole('link', { name: 'Trials', exact: true }).first().click();

    search.goOn();
    expect(await search.ended).toBe(0);
    const rows = stored();
    expect(rows.length).toBe(TRIALS);
    expect(rows.length).toBeGreaterThan(before);
    await agrees();
    expect(await inPage(page, 'window.sameDocument')).toBe(true);

    // Sorted and filtered as the store would do it.
    await page.getByRole('button', { name: /^accuracy/ }).click();
    const byAccuracy = [...rows].sort((a, b) => (b.accuracy ?? -1) - (a.accuracy ?? -1) || a.trial - b.trial);
    expect(await rowsOn(page)).toEqual(expected(byAccuracy));
    const middle = byAccuracy[6]?.accuracy ?? 0;
    await page.getByRole('textbox', { name: 'Where' }).fill(`accuracy >= ${middle} and latencyMs < 5ms`);
    await page.getByRole('textbox', { name: 'Where' }).press('Enter');
    const chosen = byAccuracy.filter((row) => (row.accuracy ?? 0) >= middle && (row.latencyMs ?? 9) < 5);
    await expect.poll(() => rowsOn(page)).toEqual(expected(chosen));
    await page.getByRole('textbox', { name: 'Where' }).fill('accuracy >');
    await page.getByRole('textbox', { name: 'Where' }).press('Enter');
    await expect.poll(() => page.locator('#where-problem').textContent()).toMatch(/expected/);

    expect(opened.problems).toEqual([]);
    for (const address of opened.requests) expect(address.startsWith(`${dashboard.url}/`)).toBe(true);
  });

  it('says that the server is gone, keeps what it shows, and continues when it is back', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    using folder = emptyFolder();
    await using opened = await openPage();
    const { page } = opened;
    let dashboard = await serve(folder.path);
    const port = Number(new URL(dashboard.url).port);
    await page.goto(dashboard.url);
    await page.getByText('No study yet').waitFor();
    await page.locator('.live.on').waitFor();
    await dashboard[Symbol.asyncDispose]();
    await page.locator('.live.off').waitFor();
    expect(await page.getByText('No study yet').isVisible()).toBe(true);
    dashboard = await serve(folder.path, { port });
    await page.locator('.live.on').waitFor();
    await dashboard[Symbol.asyncDispose]();
  });
});
