import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng, ms, ratio } from '../../src/core/index.js';
import { spaceOf } from '../../src/app/study/session.js';
import type { StudySpec } from '../../src/app/study/spec.js';
import { formatArchitecture, maddsOf, paramsOf } from '../../src/space/index.js';
import { createStudy, readStudy, type LatencyRecord } from '../../src/trials/index.js';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder } from '../cli/nas.js';
import { inPage, missing, moveTo, openPage, overflow } from './browser.js';
import { serve } from './serve.js';

const reason = missing();
const HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=2</script>';
const SECTIONS = ['frontier', 'trials', 'choices', 'controller', 'pool', 'latency', 'lineage', 'settings'];

function latency(value: number): LatencyRecord {
  const samplesMs = Array.from({ length: 120 }, (_, i) => value * (1 + 0.001 * ((i * 7) % 23)));
  return {
    source: 'measured',
    platform: HOSTILE,
    fingerprint: HOSTILE,
    samplesMs,
    medianMs: ms(value),
    madMs: value / 100,
    p90Ms: ms(value * 1.02),
    lowMs: ms(value * 0.99),
    highMs: ms(value * 1.01),
    runs: 120,
    batch: 1,
    lacking: [HOSTILE],
  };
}

/** A study whose every text is meant to do harm, with all kinds of trials in it. */
function writeHostile(runs: string): void {
  const spec: StudySpec = {
    ...fakeStudy({ space: smallSpace }),
    seed: HOSTILE,
    data: { ...fakeStudy().data, name: HOSTILE },
  };
  const space = spaceOf(spec);
  using store = createStudy(join(runs, 'hostile'), {
    name: 'hostile',
    spec,
    spaceDigest: space.digest,
    seed: HOSTILE,
    environment: { [HOSTILE]: HOSTILE },
  });
  const rng = createRng('hostile');
  const seen = { note: { [HOSTILE]: HOSTILE }, seed: HOSTILE };
  for (let id = 1; id <= 12; id++) {
    const genome = space.sample(rng);
    const architecture = space.decode(genome);
    const counts = { params: paramsOf(architecture), madds: maddsOf(architecture) };
    const text = id === 2 ? HOSTILE : formatArchitecture(architecture);
    const [kind, parent] =
      id < 9
        ? (['sample', null] as const)
        : id < 12
          ? (['netadapt', id - 1] as const)
          : (['retrain', 11] as const);
    store.begin([{ kind, parent, genome: id < 9 ? genome : null, text, ...counts, ...seen }], null);
    const curve = Array.from({ length: 5 }, (_, epoch) => ({
      ...{ epoch, step: 10 * epoch, loss: 2 / (epoch + 1), trainAccuracy: 0.1 * epoch },
      ...{ accuracy: 0.15 * epoch, seconds: epoch },
    }));
    const facts = { latency: latency(1 + id / 5), curve, seconds: 1 };
    if (id === 3) store.finish(id, { state: 'failed', reason: HOSTILE, ...facts }, null, null);
    else
      store.finish(
        id,
        { state: 'done', accuracy: ratio(0.4 + id / 30), checkpoint: null, ...facts },
        0.5,
        null,
      );
  }
}

describe('the page', { timeout: 120_000 }, () => {
  const folder = emptyFolder();
  beforeAll(() => {
    writeHostile(folder.path);
    cpSync(join(folder.path, 'hostile'), join(folder.path, '<img src=x onerror=window.hit=3>'), {
      recursive: true,
    });
  });
  afterAll(() => folder[Symbol.dispose]());

  it('shows hostile texts as texts, in every view, narrow and dark, and connects to no other server', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    await using dashboard = await serve(folder.path);
    for (const { width, dark } of [
      { width: 400, dark: true },
      { width: 900, dark: false },
      { width: 1400, dark: false },
    ]) {
      await using opened = await openPage({ width, dark });
      const { page } = opened;
      await page.goto(dashboard.url);
      await page.getByText('<img src=x onerror=window.hit=3>').first().waitFor();
      const places = [
        '#/',
        ...SECTIONS.map((section) => `#/study/hostile/${section}`),
        ...[2, 3, 11, 12].map((trial) => `#/study/hostile/trial/${trial}`),
        '#/compare/hostile/hostile',
        `#/study/${encodeURIComponent(HOSTILE)}/frontier`,
        '#/study/hostile/trial/999',
      ];
      for (const place of places) {
        await moveTo(page, place);
        expect([place, width, Math.max(0, await overflow(page))]).toEqual([place, width, 0]);
        expect(await inPage(page, `document.querySelectorAll('img, script:not([src])').length`)).toBe(0);
      }
      expect(await inPage(page, 'window.hit ?? null')).toBeNull();
      expect(opened.problems).toEqual([]);
      for (const address of opened.requests) expect(address.startsWith(`${dashboard.url}/`)).toBe(true);
    }
  });

  it('of a trial says what the store says', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    await using dashboard = await serve(folder.path);
    await using opened = await openPage();
    const { page } = opened;
    using reader = readStudy(join(folder.path, 'hostile'));
    const trial = reader.trial(11)!;
    await page.goto(`${dashboard.url}/#/study/hostile/trial/11`);
    await page.getByRole('heading', { name: 'Lineage' }).waitFor();
    const text = await page.locator('main').innerText();
    expect(text).toContain(`${(100 * (0.4 + 11 / 30)).toFixed(2)} %`);
    expect(text).toContain('3.20 ms');
    expect(text).toContain(trial.text);
    const blocks = await page.locator('.blocks .box').count();
    expect(blocks).toBe(trial.text.split(' ').length - 1);
    const line = await page.locator('table.data').last().locator('tbody tr').allInnerTexts();
    expect(line.map((row) => row.split('\t').slice(0, 2).join(' ').trim())).toEqual([
      'ancestor 8',
      'ancestor 9',
      'ancestor 10',
      'this trial 11',
      'child 12',
    ]);
    const pictures = await inPage<readonly string[]>(
      page,
      `[...document.querySelectorAll('[role=img]')].map((one) => one.getAttribute('aria-label'))`,
    );
    expect(pictures).toHaveLength(2);
    expect(pictures[0]).toMatch(/^Learning curve of trial 11, 5 points; .* 60\.00 %$/);
    expect(pictures[1]).toMatch(/120 runs, median 3\.20 ms \(3\.17–3\.23\), target 4 ms$/);
  });

  it('zooms its pictures by buttons, and keeps the zoom when the study is read again', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    await using dashboard = await serve(folder.path);
    await using opened = await openPage();
    const { page } = opened;
    await page.goto(dashboard.url);
    await moveTo(page, '#/study/hostile/frontier');
    const picture = page.locator('#section-frontier .chart').first();
    const whole = await picture.screenshot();
    await page.getByRole('button', { name: 'Closer: the frontier' }).click();
    await page.mouse.move(0, 0);
    const closer = await picture.screenshot();
    expect(closer.equals(whole)).toBe(false);
    await page.setViewportSize({ width: 1281, height: 900 });
    await page.setViewportSize({ width: 1280, height: 900 });
    await expect.poll(async () => (await picture.screenshot()).equals(closer)).toBe(true);
    await page.getByRole('button', { name: 'Show all: the frontier' }).click();
    await page.mouse.move(0, 0);
    await expect.poll(async () => (await picture.screenshot()).equals(whole)).toBe(true);
  });

  it('is reached by keyboard alone, with a focus that shows', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    await using dashboard = await serve(folder.path);
    await using opened = await openPage();
    const { page } = opened;
    const focused = (): Promise<string> =>
      inPage(page, `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent`);
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        const shows = await inPage<string>(page, `getComputedStyle(document.activeElement).outlineStyle`);
        expect([await focused(), shows]).not.toEqual([await focused(), 'none']);
        if ((await focused()) === name) return;
      }
      throw new Error(`Tab never came to ${name}`);
    };
    await page.goto(dashboard.url);
    await page.getByRole('link', { name: 'hostile', exact: true }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    expect((await page.locator('.skip').boundingBox())!.y).toBeGreaterThanOrEqual(0);
    await tabTo('hostile');
    await page.keyboard.press('Enter');
    await page.getByText('On the frontier').waitFor();
    await tabTo('Trials');
    await page.keyboard.press('Enter');
    await page.locator('table.trials tbody a').first().waitFor();
    await tabTo('1');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('3');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Trial 3' }).waitFor();
    await expect.poll(focused).toBe('Trial 3');
  });

  it('asks for the token where one is needed, and keeps it out of the address', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    const token = 'a-token-that-is-not-guessed';
    await using dashboard = await serve(folder.path, { token });
    await using opened = await openPage();
    const { page } = opened;
    await page.goto(`${dashboard.url}/#token=${token}`);
    await page.getByRole('link', { name: 'hostile', exact: true }).waitFor();
    expect(page.url()).not.toContain(token);
    await page.reload();
    await page.getByRole('link', { name: 'hostile', exact: true }).waitFor();

    for (const address of opened.requests) expect(address).not.toContain(token);

    await using other = await openPage();
    await other.page.goto(dashboard.url);
    await other.page.getByLabel('Token').fill('a-wrong-token-of-its-length');
    await other.page.keyboard.press('Enter');
    await other.page.getByLabel('Token').waitFor();
    expect(await other.page.getByRole('link', { name: 'hostile', exact: true }).count()).toBe(0);
    await other.page.getByLabel('Token').fill(token);
    await other.page.keyboard.press('Enter');
    await other.page.getByRole('link', { name: 'hostile', exact: true }).waitFor();
    for (const address of other.requests) expect(address).not.toContain(token);
  });

  it('works from a report, without any server', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    const { readPageBundle, viewsOf } = await import('./report.js');
    const { script, style } = readPageBundle();
    const data = JSON.stringify(viewsOf(join(folder.path, 'hostile'), [3])).replaceAll('<', '\\u003c');
    await using opened = await openPage({ width: 400 });
    const { page } = opened;
    await page.setContent(
      `<!doctype html><meta charset="utf-8"><style>${style}</style><body><script type="application/json" id="nas-view">${data}</script><script>${script}</script>`,
    );
    await page.getByRole('heading', { name: 'Settings and environment' }).waitFor();
    expect(await page.locator('section h2').allInnerTexts()).toEqual([
      'Frontier',
      'Trials',
      'Choices that matter',
      'Controller',
      'Predicted and measured',
      'NetAdapt lineages',
      'Settings and environment',
    ]);
    expect(Math.max(0, await overflow(page))).toBe(0);
    expect(await inPage(page, 'window.hit ?? null')).toBeNull();
    expect(opened.requests).toEqual([]);
    expect(opened.problems).toEqual([]);
  });
});
