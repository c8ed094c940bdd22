import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { messageOf } from '../../src/core/index.js';
import { findChromium } from '../../src/latency/devices/chromium/executable.js';

/** Why tests with a browser cannot run here; null when they can. */
export function missing(): string | null {
  try {
    findChromium(process.env);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Addresses asked for, errors of scripts, refusals by the policy, dialogs. */
  readonly requests: readonly string[];
  readonly problems: readonly string[];
}

/** The system's Chromium with one page, its clock and light fixed. */
export async function openPage(
  requested: { readonly width?: number; readonly dark?: boolean } = {},
): Promise<OpenPage> {
  const { width = 1280, dark = false } = requested;
  const browser = await chromium.launch({
    executablePath: findChromium(process.env),
    chromiumSandbox: process.getuid?.() !== 0,
  });
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const requests: string[] = [];
  const problems: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    const answered = /Failed to load resource: the server responded/.test(message.text());
    if (message.type() === 'error' && !answered) problems.push(message.text());
  });
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, context, requests, problems, [Symbol.asyncDispose]: () => browser.close() };
}

/** How far the page is wider than its window, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth');
}

/** What an expression of the page gives. */
export function inPage<T>(page: Page, expression: string): Promise<T> {
  return page.evaluate<T>(expression);
}

/** Goes to another address of the page and waits until all of it is there and painted. */
export async function moveTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    if (location.hash === ${JSON.stringify(hash)}) return resolve();
    addEventListener('hashchange', () => resolve(), { once: true });
    location.hash = ${JSON.stringify(hash)};
  })`);
  await page.locator('#main:not([aria-busy])').waitFor();
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))',
  );
}
