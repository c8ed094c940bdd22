import { cpus } from 'node:os';
import { canonical, createRng, isNasError, NasError } from '../../../core/index.js';
import { buildNetwork, initialWeights } from '../../../network/index.js';
import { parseArchitecture } from '../../../space/index.js';
import { cancelOnStop } from '../../protocol/cancel.js';
import type { Device, OnnxWriter } from '../device.js';
import { fingerprintOf, type Fingerprint } from '../../platform/fingerprint.js';
import { formatPlatform } from '../../platform/parse.js';
import type { Runnable } from '../../platform/platform.js';
import { cannotStart, closed } from './errors.js';
import { findChromium, type Environment } from './executable.js';
import type { Provider } from './page-api.js';
import { openSession, type ChromiumProgram, type Session } from './session.js';

export interface ChromiumDeviceOptions {
  readonly provider: Provider;
  /** Threads of wasm; WebGPU uses one. */
  readonly threads: number;
  /** Pictures per run; fixed in the models. */
  readonly batch: number;
  readonly onnx: OnnxWriter;
  /** `PATH` and `NAS_CHROMIUM` say which Chromium; it gets the rest of it. */
  readonly environment: Environment;
  /** The browser's profile lies here while it runs. */
  readonly temporaryFolder: string;
  /** Seconds that the page may take for an answer; timed runs get twenty times what they should need on top. 60 unless given. */
  readonly patienceSeconds?: number;
  /** Takes a WebGPU adapter that computes on the CPU, which says nothing about a GPU. False unless given. */
  readonly softwareAdapter?: boolean;
  /** Asked now and then while the browser starts; true ends it with `NAS_STOPPED`. */
  readonly stop?: (() => boolean) | undefined;
}

export interface ChromiumDevice extends Device {
  open(runnable: Runnable): Promise<ChromiumProgram>;
}

/** A call of the page takes about 1 ms, a sample 0.5 ms at least. */
const LEAST_BURST = 10;
/** A page that works ends its call by then, and the browser, which takes seconds to start, stays. */
const CANCEL_MS = 500;
/** A small network that every runtime knows. */
const PROBE = 'nas1:32x32x3 cn_k3_s2_c8_re gap fc_c10_id';

/**
 * The system's headless Chromium with ONNX Runtime Web, in one page that keeps all open networks. A small network is
 * opened immediately, so that what is missing shows and later ones find the runtime warm.
 *
 * What is timed is `session.run`, as a page that uses the network awaits it: the input is copied in from an array and
 * the result copied out to one. With WebGPU that includes the upload, the wait until the GPU has finished and the
 * read-back. A sample is the mean of as many runs as take 100 steps of the page's clock together: of 5 µs in a page
 * that is cross-origin isolated.
 *
 * When the browser crashes or hangs, open programs fail, and the next `open` starts a new one.
 * @throws NasError `NAS_NO_CHROMIUM`, `NAS_CHROMIUM_START`, `NAS_NO_WEBGPU`, `NAS_CHROMIUM_ENDED`,
 *   `NAS_CHROMIUM_LATE`, `NAS_CHROMIUM_REFUSED`; `NAS_DEVICE_CHANGED` when a browser started later is not the same
 */
export async function chromiumDevice(options: ChromiumDeviceOptions): Promise<ChromiumDevice> {
  const { batch, onnx, environment } = options;
  const executable = findChromium(environment);
  let isClosed = false;

  async function start(): Promise<Session> {
    const session = await openSession({ ...options, executable });
    const unwatch = cancelOnStop(() => session.cancel(), options.stop ?? (() => false));
    try {
      const network = buildNetwork(parseArchitecture(PROBE));
      const weights = initialWeights(network, createRng('probe'));
      const program = await session.open(onnx({ network, weights }, batch));
      await program.dispose();
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    } finally {
      unwatch();
    }
  }

  let session: Session = await start();
  const fingerprint = describe(options, session);

  let hurry: NodeJS.Timeout | undefined;
  let starting: Promise<Session> | null = null;
  async function restart(): Promise<Session> {
    await session[Symbol.asyncDispose]();
    const next = await start().catch((error: unknown) => {
      throw ownFault(error, executable);
    });
    const now = describe(options, next);
    if (!isClosed && canonical(now) === canonical(fingerprint)) return (session = next);
    await next[Symbol.asyncDispose]();
    throw isClosed ? closed() : changed(fingerprint, now);
  }

  return {
    fingerprint,
    leastBurst: LEAST_BURST,
    cancel() {
      hurry ??= setTimeout(() => {
        hurry = undefined;
        session.cancel();
      }, CANCEL_MS).unref();
    },
    async open(runnable) {
      if (isClosed) throw closed();
      clearTimeout(hurry);
      hurry = undefined;
      if (!session.alive()) await (starting ??= restart().finally(() => (starting = null)));
      return session.open(onnx(runnable, batch));
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await starting?.catch(() => undefined);
      await session[Symbol.asyncDispose]();
    },
  };
}

function describe({ provider, batch }: ChromiumDeviceOptions, session: Session): Fingerprint {
  const { browserVersion, facts, threads } = session;
  const { adapter } = facts;
  return fingerprintOf(
    formatPlatform({ kind: 'chromium', provider, threads: null }),
    {
      backend: `onnxruntime-web ${provider}`,
      device: adapter === null || adapter.software ? 'cpu' : 'gpu',
      name: adapter?.name ?? cpus()[0]?.model.trim() ?? 'unknown',
      threads,
      versions: { chromium: browserVersion, 'onnxruntime-web': facts.runtime },
    },
    batch,
  );
}

/** What a small network meets in a browser started again is no fault of the network that is opened next. */
function ownFault(error: unknown, executable: string): unknown {
  const known = isNasError(error) && (error.fault === 'unclear' || error.code === 'NAS_CHROMIUM_REFUSED');
  return known ? cannotStart(executable, error.found, error) : error;
}

function changed(before: Fingerprint, now: Fingerprint): NasError {
  const inWords = ({ deviceName, threads, versions }: Fingerprint) =>
    [deviceName, `${threads} threads`, ...Object.entries(versions).map((pair) => pair.join(' '))].join(', ');
  return new NasError({
    code: 'NAS_DEVICE_CHANGED',
    found: `Chromium now runs as ${inWords(now)}`,
    expected: `${inWords(before)}, as at the start`,
    fix: 'start a new study: latencies of two devices are never mixed',
    fault: 'permanent',
  });
}
