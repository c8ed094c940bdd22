import { isNasError, messageOf, type NasError } from '../../../core/index.js';
import { launchBrowser, type BrowserOptions } from './browser.js';
import { cannotStart, closed, ended, late, refused } from './errors.js';
import type { PageApi, Reply } from './page-api.js';
import { cancelOnStop } from '../../protocol/cancel.js';
import { pageFiles } from './page-files.js';
import { servePage, type PageServer } from './server.js';
import { wait } from './wait.js';

type Why = (doing: string, cause?: unknown) => NasError;
type Result<M extends keyof PageApi> = Awaited<ReturnType<PageApi[M]>>;

/** Our page in its own browser. */
export interface RemotePage extends AsyncDisposable {
  readonly browserVersion: string;
  /** False once the browser or the page has ended. */
  alive(): boolean;
  /**
   * Calls the page, one call at a time. `doing` completes "… while" in errors.
   * @throws NasError `NAS_CHROMIUM_ENDED`, `NAS_CHROMIUM_LATE` (the browser is then ended), `NAS_CHROMIUM_REFUSED` for
   *   what ONNX Runtime Web throws
   */
  call<M extends keyof PageApi>(
    method: M,
    args: Parameters<PageApi[M]>,
    limitMs: number,
    doing: string,
  ): Promise<Result<M>>;
  /** Ends the browser immediately where a call is running, which rejects; otherwise nothing. */
  cancel(): void;
  readonly offer: PageServer['offer'];
}

/** Opens the page. @throws NasError `NAS_CHROMIUM_START`, `NAS_NOT_BUILT` */
export async function openPage(
  options: Omit<BrowserOptions, 'base'> & { readonly patienceMs: number },
): Promise<RemotePage> {
  const { executable, provider, patienceMs, stop = () => false } = options;
  const server = await servePage(await pageFiles(provider));
  const browser = await launchBrowser({ ...options, base: server.base }).catch(async (error: unknown) => {
    await server[Symbol.asyncDispose]();
    throw error;
  });
  const { page } = browser;
  /** Why the page is of no use any more, for what was being done. */
  let over: Why | null = null;
  const end = new AbortController();
  const finish = (why: Why): void => {
    over ??= why;
    end.abort();
  };
  const reason = (): Why => over ?? ended;
  browser.onEnd(() => finish(ended));

  let disposed: Promise<void> | null = null;
  const dispose = (): Promise<void> => {
    finish(closed);
    return (disposed ??= closeAll());
  };
  async function closeAll(): Promise<void> {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }

  let running = 0;
  const kill = (): void => {
    finish(closed);
    browser.kill();
  };

  async function ask(text: string, limitMs: number, doing: string): Promise<Reply> {
    if (over !== null) throw over(doing);
    running++;
    const done = new AbortController();
    const tooLate = wait(limitMs, done.signal).then(() => {
      throw late(doing, limitMs);
    });
    const gone = new Promise<never>((_, reject) => {
      const options = { once: true, signal: done.signal };
      end.signal.addEventListener('abort', () => reject(reason()(doing)), options);
    });
    try {
      return await Promise.race([page.evaluate<Reply>(text), tooLate, gone]);
    } catch (cause) {
      browser.kill();
      finish(ended);
      throw isNasError(cause) ? cause : reason()(doing, cause);
    } finally {
      running--;
      done.abort();
    }
  }

  const unwatch = cancelOnStop(kill, stop);
  try {
    await page.goto(`${server.base}page.html`, { timeout: patienceMs });
  } catch (cause) {
    await dispose();
    throw stop() ? closed() : cannotStart(executable, messageOf(cause), cause);
  } finally {
    unwatch();
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    browserVersion: browser.version,
    alive: () => over === null,
    call(method, args, limitMs, doing) {
      const text = `nas(${JSON.stringify(method)}, ${JSON.stringify(args)})`;
      const mine = last.then(() => ask(text, limitMs, doing));
      last = mine.catch(() => undefined);
      return mine.then((reply) => {
        if ('error' in reply) throw refused(doing, reply.error);
        return reply.value as never;
      });
    },
    cancel: () => running > 0 && kill(),
    offer: server.offer,
    [Symbol.asyncDispose]: dispose,
  };
}
