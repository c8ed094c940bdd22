import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { chromiumDevice } from '../../../src/latency/devices/chromium/index.js';
import { launchBrowser } from '../../../src/latency/devices/chromium/browser.js';
import { findChromium } from '../../../src/latency/devices/chromium/executable.js';
import { servePage } from '../../../src/latency/devices/chromium/server.js';
import { everyOperation, trained } from '../../network/samples.js';
import { until } from '../../pool/helpers.js';
import {
  groupsIn,
  lives,
  missing,
  openDevice,
  optionsIn,
  processesIn,
  profilesIn,
  temporaryFolder,
} from './chromium.js';

const reason = missing();
const holder = new URL('./fixtures/holder.mjs', import.meta.url);
const dist = new URL('../../../dist/', import.meta.url).href;

/** A network that keeps the page busy for long enough to be disturbed. */
const busy = trained({ ...everyOperation, input: [160, 160, 2] });

/** Smallest step of the page's clock, ms. */
const CLOCK_STEP = `(() => {
  let least = Infinity;
  for (let i = 0, last = performance.now(); i < 1e5; i++) {
    const now = performance.now();
    if (now > last) least = Math.min(least, now - last);
    last = now;
  }
  return least;
})()`;

function kill(folder: string, type: string, signal: NodeJS.Signals): void {
  const found = processesIn(folder).filter((one) => one.type === type);
  expect(found.length).toBeGreaterThan(0);
  for (const { pid } of found) process.kill(pid, signal);
}

describe('life of the platform chromium', { timeout: 120_000 }, () => {
  it.for([
    ['the page', 'renderer'],
    ['the browser', ''],
  ] as const)('fails what runs when %s is killed, and opens a new one', async ([, type], ctx) => {
    if (reason !== null) return ctx.skip(reason);
    await using opened = await openDevice();
    const { device, folder } = opened;
    const program = await device.open(busy);
    const timing = program.time(1_000_000);
    kill(folder, type, 'SIGKILL');
    await expect(timing).rejects.toMatchObject({ code: 'NAS_CHROMIUM_ENDED' });
    await expect(program.time(1)).rejects.toMatchObject({ code: 'NAS_CHROMIUM_ENDED' });
    await program.dispose();
    const again = await Promise.all([device.open(busy), device.open(busy)]);
    for (const one of again) expect(await one.time(2)).toHaveLength(2);
    expect(processesIn(folder).filter((one) => one.type === '')).toHaveLength(1);
    expect(profilesIn(folder)).toHaveLength(1);
  });

  it('ends a page that hangs', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    await using opened = await openDevice();
    await using impatient = await openDevice({ patienceSeconds: 15 });
    const program = await impatient.device.open(busy);
    kill(impatient.folder, 'renderer', 'SIGSTOP');
    await expect(program.time(1)).rejects.toMatchObject({ code: 'NAS_CHROMIUM_LATE' });
    await until(() => processesIn(impatient.folder).length === 0);
    expect(await (await impatient.device.open(busy)).time(1)).toHaveLength(1);
    expect(processesIn(opened.folder).length).toBeGreaterThan(0);
  });

  it('leaves neither process nor file, and opens nothing afterwards', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    using folder = temporaryFolder();
    const device = await chromiumDevice(optionsIn(folder.path));
    const program = await device.open(busy);
    const timing = program.time(1_000_000);
    const processes = groupsIn(folder.path);
    expect(processes.length).toBeGreaterThan(2);
    await Promise.all([
      expect(timing).rejects.toMatchObject({ code: 'NAS_STOPPED' }),
      device[Symbol.asyncDispose](),
    ]);
    await until(() => !processes.some(lives));
    expect(profilesIn(folder.path)).toEqual([]);
    await expect(device.open(busy)).rejects.toMatchObject({ code: 'NAS_STOPPED' });
    await device[Symbol.asyncDispose]();
  });

  it("writes nothing into the user's own folders", async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    using home = temporaryFolder();
    const { XDG_CONFIG_HOME: _, XDG_CACHE_HOME: __, XDG_DATA_HOME: ___, ...rest } = process.env;
    const opened = await openDevice({ environment: { ...rest, HOME: home.path } });
    await opened[Symbol.asyncDispose]();
    expect(readdirSync(home.path)).toEqual([]);
  });

  it('ends with a process that is killed, whose profile the next start removes', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    using folder = temporaryFolder();
    const child = fork(holder, [JSON.stringify({ dist, folder: folder.path, devices: 1 })], { execArgv: [] });
    await once(child, 'message');
    const processes = groupsIn(folder.path);
    expect(processes.length).toBeGreaterThan(2);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until(() => !processes.some(lives));
    const left = profilesIn(folder.path);
    expect(left).toHaveLength(1);
    await using device = await chromiumDevice(optionsIn(folder.path));
    expect(device.leastBurst).toBeGreaterThan(1);
    expect(profilesIn(folder.path)).toHaveLength(1);
    expect(profilesIn(folder.path)).not.toEqual(left);
  });

  it('works in worker threads, four devices concurrently, and ends with a thread that is ended', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    using folder = temporaryFolder();
    const start = async () => {
      const worker = new Worker(holder, { workerData: { dist, folder: folder.path, devices: 2 } });
      const [{ times }] = (await once(worker, 'message')) as [{ times: number[][] }];
      expect(times.map((one) => one.length)).toEqual([5, 5]);
      return worker;
    };
    const [orderly, forced] = await Promise.all([start(), start()]);
    expect(processesIn(folder.path).filter((one) => one.type === '')).toHaveLength(4);
    orderly.postMessage('close');
    await once(orderly, 'exit');
    expect(profilesIn(folder.path)).toHaveLength(2);
    const processes = groupsIn(folder.path);
    await forced.terminate();
    await until(() => !processes.some(lives));
  });

  it('refuses a program that is no browser', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    using folder = temporaryFolder();
    const program = join(folder.path, 'chromium');
    writeFileSync(program, '#!/bin/sh\necho "fatal: no such display" >&2\nexit 3\n');
    chmodSync(program, 0o755);
    mkdirSync(join(folder.path, 'profiles'));
    const options = optionsIn(join(folder.path, 'profiles'), { environment: { NAS_CHROMIUM: program } });
    await expect(chromiumDevice(options)).rejects.toMatchObject({
      code: 'NAS_CHROMIUM_START',
      found: expect.stringContaining('fatal: no such display') as string,
    });
    expect(profilesIn(options.temporaryFolder)).toEqual([]);
  });

  it('reaches nothing but its own server, which gives it threads and the fine clock', async (ctx) => {
    if (reason !== null) return ctx.skip(reason);
    using folder = temporaryFolder();
    let asked = 0;
    const other = createServer((_, response) => {
      asked++;
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end('here');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const otherAddress = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    await using server = await servePage(
      new Map([['page.html', { mediaType: 'text/html', bytes: Buffer.from('<title>page</title>') }]]),
    );
    await using browser = await launchBrowser({
      executable: findChromium(process.env),
      provider: 'wasm',
      environment: process.env,
      temporaryFolder: folder.path,
      base: server.base,
    });
    const fetched = (address: string): Promise<string> =>
      browser.page.evaluate<string>(
        `fetch(${JSON.stringify(address)}).then((answer) => answer.status + '', () => 'failed')`,
      );
    await browser.page.goto(`${server.base}page.html`);
    expect(await fetched(`${server.base}page.html`)).toBe('200');
    expect(await fetched(`${server.base}none`)).toBe('404');
    expect(await fetched(otherAddress)).toBe('failed');
    expect(await fetched('http://localhost/')).toBe('failed');
    expect(await browser.page.evaluate<boolean>('crossOriginIsolated')).toBe(true);
    expect(await browser.page.evaluate<number>(CLOCK_STEP)).toBeLessThan(0.0051);
    await expect(browser.page.goto(otherAddress)).rejects.toThrow();
    expect(asked).toBe(0);
    other.close();
  });
});
