import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stopwatch } from '../../src/core/index.js';
import { readStudy } from '../../src/trials/index.js';
import { groupsIn, lives, missing, processesIn } from '../latency/chromium/chromium.js';
import { emptyFolder } from './nas.js';
import { searching } from './searching.js';

const reason = missing();

/** A browser that starts and says nothing. */
const SILENT = '#!/usr/bin/env node\nsetInterval(() => {}, 1000);\n';

async function until(what: () => boolean): Promise<void> {
  await expect.poll(what, { timeout: 60_000, interval: 20 }).toBe(true);
}

it('a browser that never starts up holds up no stop', { timeout: 120_000 }, async () => {
  using folder = emptyFolder();
  const browser = join(folder.path, 'browser');
  writeFileSync(browser, SILENT);
  chmodSync(browser, 0o755);
  const { child, ended } = await searching(folder.path, 'chromium:wasm', { NAS_CHROMIUM: browser });
  const temporary = join(folder.path, 'temporary');
  await until(() => processesIn(temporary).length > 0);
  const elapsed = stopwatch();
  child.kill('SIGTERM');
  expect(await ended).toBe(130);
  expect(elapsed()).toBeLessThan(8_000);
  if (process.env['SHOW'] !== undefined) console.log(elapsed());
  expect(processesIn(temporary)).toEqual([]);
});

it('a browser that hangs while a candidate is timed holds up no stop', { timeout: 120_000 }, async (ctx) => {
  if (reason !== null) return ctx.skip(reason);
  using folder = emptyFolder();
  const { child, ended } = await searching(folder.path, 'chromium:wasm');
  const study = join(folder.path, 'runs/demo');
  const began = (): boolean => {
    if (!existsSync(join(study, 'trials.sqlite'))) return false;
    using reader = readStudy(study);
    return reader.count() > 0;
  };
  await until(began);
  const temporary = join(folder.path, 'temporary');
  const pids = groupsIn(temporary);
  for (const { pid } of processesIn(temporary)) process.kill(pid, 'SIGSTOP');
  const elapsed = stopwatch();
  child.kill('SIGTERM');
  expect(await ended).toBe(130);
  // Not the minute that a page has for an answer.
  expect(elapsed()).toBeLessThan(8_000);
  if (process.env['SHOW'] !== undefined) console.log(elapsed());
  await until(() => !pids.some(lives));
});
