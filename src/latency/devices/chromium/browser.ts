import type { BrowserContext, Page } from 'playwright-core';
import type { Environment } from './executable.js';
import { cancelOnStop } from '../../protocol/cancel.js';
import { cannotStart, closed, launchProblem } from './errors.js';
import type { Provider } from './page-api.js';
import { wait } from './wait.js';
import { removeFolder } from '../../../core/index.js';
import { ownTemporary } from '../temporary.js';
import { killBrowser } from './profile.js';

export interface Browser extends AsyncDisposable {
  readonly version: string;
  readonly page: Page;
  readonly profile: string;
  /** Called once, when the browser or the page has ended, for any reason. */
  onEnd(then: () => void): void;
  /** Ends a browser that does not answer. */
  kill(): void;
}

export interface BrowserOptions {
  readonly executable: string;
  readonly provider: Provider;
  readonly environment: Environment;
  readonly temporaryFolder: string;
  /** Beginning of the only addresses that pages may ask. */
  readonly base: string;
  /** Asked now and then while the browser starts; true ends it with `NAS_STOPPED`. @default never */
  readonly stop?: (() => boolean) | undefined;
}

const LAUNCH_LIMIT_MS = 60_000;
const CLOSE_LIMIT_MS = 1_000;

/** No names are looked up and no proxy is asked: what is not on this machine cannot be reached. */
const OFFLINE = [
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--no-proxy-server',
  '--disable-crash-reporter',
];

/** WebGPU on Linux is behind flags, and without a screen it needs Vulkan without surfaces. */
const WEBGPU = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--disable-vulkan-surface',
  '--ignore-gpu-blocklist',
];

/**
 * Starts a headless Chromium with an empty profile and one page. It ends with this process, however that ends: it
 * does when its pipe closes. Its sandbox is used where it works, which it does not for root and in some containers; the
 * only page that it opens is ours.
 * @throws NasError `NAS_CHROMIUM_START`
 */
export async function launchBrowser(options: BrowserOptions): Promise<Browser> {
  const { executable, provider, environment, temporaryFolder, base, stop = () => false } = options;
  const { chromium } = await import('playwright-core');
  const profile = ownTemporary(temporaryFolder, 'chromium');

  const launch = (chromiumSandbox: boolean): Promise<BrowserContext> =>
    chromium.launchPersistentContext(profile, {
      executablePath: executable,
      headless: true,
      chromiumSandbox,
      args: [...OFFLINE, ...(provider === 'webgpu' ? WEBGPU : [])],
      env: { ...withoutSecrets(environment), ...homeIn(profile) },
      timeout: LAUNCH_LIMIT_MS,
      // Signals mean an orderly stop here, which is the caller's.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      viewport: null,
      acceptDownloads: false,
      serviceWorkers: 'block',
    });

  let context: BrowserContext;
  const unwatch = cancelOnStop(() => killBrowser(profile), stop);
  try {
    const root = process.getuid?.() === 0;
    context = root
      ? await launch(false)
      : await launch(true).catch(() => (stop() ? Promise.reject(closed()) : launch(false)));
  } catch (cause) {
    killBrowser(profile);
    removeFolder(profile);
    throw stop() ? closed() : cannotStart(executable, launchProblem(cause), cause);
  } finally {
    unwatch();
  }

  let tellEnd = (): void => undefined;
  const end = new Promise<void>((resolve) => (tellEnd = resolve));
  context.on('close', tellEnd);
  const dispose = async (): Promise<void> => {
    const limit = new AbortController();
    const killed = wait(CLOSE_LIMIT_MS, limit.signal).then(() => killBrowser(profile));
    await Promise.race([context.close().catch(() => undefined), killed]);
    limit.abort();
    removeFolder(profile);
  };
  try {
    await context.route(
      (url) => !url.href.startsWith(base),
      (route) => route.abort(),
    );
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('crash', tellEnd);
    page.on('close', tellEnd);
    return {
      version: context.browser()?.version() ?? 'unknown',
      page,
      profile,
      onEnd: (then) => void end.then(then),
      kill: () => killBrowser(profile),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (cause) {
    await dispose();
    throw cannotStart(executable, launchProblem(cause), cause);
  }
}

/** Crash reports and caches that a profile does not hold would lie in the user's own folders. */
function homeIn(folder: string): Record<string, string> {
  return { HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder, XDG_DATA_HOME: folder };
}

/** Our own settings are none of the browser's business, a token least. */
function withoutSecrets(environment: Environment): Record<string, string> {
  const pairs = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    value === undefined || name.startsWith('NAS_') ? [] : [[name, value]],
  );
  return Object.fromEntries(pairs);
}
