import { open } from 'node:fs/promises';
import { formatBytes, messageOf, NasError } from '../../core/index.js';
import { unwritable } from '../write.js';

export interface DownloadOptions {
  /** Most bytes that are taken; more is an error. */
  readonly limit: number;
  /** Called with the share received so far; null while the size is unknown. */
  readonly onProgress?: (done: number | null) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which the source counts as dead. */
  readonly stallMs?: number;
}

/**
 * Fetches a URL into a file.
 * @throws NasError `NAS_DATA_DOWNLOAD` for any failure of the network, `NAS_DATA_FOLDER` when the file cannot be
 *   written; the signal's reason when it is aborted
 */
export async function download(url: string, file: string, options: DownloadOptions): Promise<void> {
  const { limit, signal, stallMs = 30_000 } = options;
  const stall = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(new Error(`nothing came for ${stallMs / 1000} s`)), stallMs);
  };
  const handle = await open(file, 'w').catch((cause: unknown) => {
    throw unwritable(file, cause);
  });
  try {
    alive();
    const both = signal === undefined ? stall.signal : AbortSignal.any([stall.signal, signal]);
    const response = await fetch(url, { signal: both, redirect: 'follow' });
    if (!response.ok) throw new Error(`status ${response.status}`);
    if (response.body === null) throw new Error('an empty answer');
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    let taken = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      alive();
      taken += chunk.byteLength;
      if (taken > limit) throw new Error(`more than ${formatBytes(limit)}`);
      await handle.writeFile(chunk).catch((cause: unknown) => {
        throw unwritable(file, cause);
      });
      options.onProgress?.(length > 0 ? Math.min(1, taken / length) : null);
    }
    if (length > 0 && taken < length) throw new Error(`ended after ${taken} of ${length} bytes`);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof NasError) throw error;
    throw new NasError({
      code: 'NAS_DATA_DOWNLOAD',
      found: `cannot download ${url} (${reasonOf(error, stall.signal)})`,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    await handle.close();
  }
}

/** The innermost reason: fetch says no more than "fetch failed" itself. */
function reasonOf(error: unknown, stall: AbortSignal): string {
  if (stall.aborted) return messageOf(stall.reason);
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return messageOf(inner);
}
