import { NasError } from '../../../core/index.js';
import type { Program } from '../device.js';
import { cancelOnStop } from '../../protocol/cancel.js';
import type { BrowserOptions } from './browser.js';
import { cannotStart } from './errors.js';
import type { Facts } from './page-api.js';
import { openPage } from './remote-page.js';

export interface ChromiumProgram extends Program {
  /** The result's values for one batch, as the model's file orders them; for checks, not timed. */
  run(input: ArrayLike<number>): Promise<Float32Array>;
}

export interface SessionOptions extends Omit<BrowserOptions, 'base'> {
  readonly threads: number;
  readonly patienceSeconds?: number;
  readonly softwareAdapter?: boolean;
}

/** A browser with ONNX Runtime Web in its page, for as long as it lives. */
export interface Session extends AsyncDisposable {
  readonly browserVersion: string;
  readonly facts: Facts;
  /** Threads that ONNX Runtime Web was set to use. */
  readonly threads: number;
  alive(): boolean;
  /** Ends the browser immediately where a call is running, which rejects; otherwise nothing. */
  cancel(): void;
  /** Opens a model, the bytes of an ONNX file. */
  open(model: Uint8Array): Promise<ChromiumProgram>;
}

/** Timed runs may take this multiple of the shortest one before they count as hung. */
const SLOWNESS = 20;

/** @throws NasError `NAS_CHROMIUM_START`, `NAS_NO_WEBGPU` */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { executable, provider, patienceSeconds = 60, softwareAdapter = false, stop = () => false } = options;
  const threads = provider === 'wasm' ? options.threads : 1;
  const patienceMs = 1000 * patienceSeconds;
  const page = await openPage({ ...options, patienceMs });
  const unwatch = cancelOnStop(() => page.cancel(), stop);
  try {
    const facts = await page.call('start', [provider, threads], patienceMs, 'starting ONNX Runtime Web');
    if (!facts.isolated) throw cannotStart(executable, 'its page is not cross-origin isolated');
    if (provider === 'webgpu') assertAdapter(facts, softwareAdapter);
    return session(facts);
  } catch (error) {
    await page[Symbol.asyncDispose]();
    throw error;
  } finally {
    unwatch();
  }

  function session(facts: Facts): Session {
    let count = 0;
    return {
      browserVersion: page.browserVersion,
      facts,
      threads,
      alive: () => page.alive(),
      cancel: () => page.cancel(),
      async open(model) {
        const id = ++count;
        const offer = page.offer(model);
        try {
          const opened = await page.call('open', [id, offer.path], patienceMs, 'opening a network');
          if (opened.threads !== threads)
            throw cannotStart(executable, `ONNX Runtime Web uses ${opened.threads} of ${threads} threads`);
          const sampleMs = opened.runsPerSample * opened.shortestMs;
          return program(id, sampleMs, opened.clockStepMs);
        } finally {
          offer.withdraw();
        }
      },
      [Symbol.asyncDispose]: () => page[Symbol.asyncDispose](),
    };
  }

  function program(id: number, sampleMs: number, clockStepMs: number): ChromiumProgram {
    return {
      clockStepMs,
      time: (count) =>
        page.call('time', [id, count], patienceMs + SLOWNESS * count * sampleMs, 'timing a network'),
      run: async (input) =>
        Float32Array.from(await page.call('run', [id, Array.from(input)], patienceMs, 'running a network')),
      // With the browser gone the network is, too.
      dispose: () => page.call('close', [id], patienceMs, 'closing a network').catch(() => undefined),
    };
  }
}

function assertAdapter({ adapter }: Facts, softwareAdapter: boolean): void {
  if (adapter !== null && (softwareAdapter || !adapter.software)) return;
  throw new NasError({
    code: 'NAS_NO_WEBGPU',
    found:
      adapter === null ? 'no WebGPU adapter' : `only ${adapter.name} for WebGPU, which computes on the CPU`,
    expected: 'a GPU that Chromium can use',
    fix: "install the GPU's Vulkan driver (chrome://gpu says what Chromium finds), or use --platform chromium:wasm",
    fault: 'permanent',
  });
}
