import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NasError } from '../../../core/index.js';
import { runProgram, type Environment } from '../../../process/index.js';
import { WHEEL_TAGS } from './wheels.js';

export interface DownloadOptions {
  readonly env: Environment;
  /** Gets the wheels; one that is there already and whole is not fetched again. */
  readonly directory: string;
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
  /** Called about twice a second with the bytes that have come so far. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Fetches wheels by `pip download`, so that the user's index, mirror, proxy and certificates hold.
 * @param requirements as pip takes them, with their versions
 * @throws NasError `NAS_SETUP_NETWORK`, `NAS_SETUP_CERTIFICATE`, `NAS_SETUP_DISK` or `NAS_SETUP_WHEEL`
 */
export async function downloadWheels(
  requirements: readonly string[],
  options: DownloadOptions,
): Promise<void> {
  // pip writes into TMPDIR first and moves a whole file: what lies in `directory` is never half a wheel.
  const temporary = join(options.directory, '..', 'pip');
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const started = await bytesBelow(options.directory);
  const watch = setInterval(() => {
    void Promise.all([bytesBelow(temporary), bytesBelow(options.directory)]).then(([coming, come]) => {
      // Not the sum: while pip moves a finished wheel it is in both places.
      options.onBytes(Math.max(coming, come - started));
    });
  }, 500);
  try {
    const result = await runProgram('python3', pipArguments(requirements, options.directory), {
      env: { ...options.env, TMPDIR: temporary, PIP_PROGRESS_BAR: 'off', PYTHONUNBUFFERED: '1' },
      log: options.log,
      signal: options.signal,
    });
    if (result.code !== 0) throw downloadError(result.stderr, requirements, options.log);
  } finally {
    clearInterval(watch);
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The command line, for any Python 3: the tags are the wheel's, not those of the Python that runs. */
export function pipArguments(requirements: readonly string[], directory: string): readonly string[] {
  return [
    ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir'],
    ...['--disable-pip-version-check', '--no-input', '--retries', '2'],
    ...['--python-version', WHEEL_TAGS.python],
    ...['--implementation', WHEEL_TAGS.implementation, '--abi', WHEEL_TAGS.abi, '--abi', 'none'],
    ...WHEEL_TAGS.platforms.flatMap((platform) => ['--platform', platform]),
    ...['--dest', directory, ...requirements],
  ];
}

function downloadError(stderr: string, requirements: readonly string[], log: string): NasError {
  const what = requirements.join(' ');
  const unseen = { cause: new Error(`the output of pip is in ${log}`) };
  if (/no space left|errno 28/i.test(stderr)) {
    return new NasError({
      code: 'NAS_SETUP_DISK',
      found: `the disk is full while downloading ${what}`,
      fix: 'free some space and run the same command again, or set NAS_TENSORFLOW_DIR to a larger disk',
      ...unseen,
    });
  }
  if (/CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerification/.test(stderr)) {
    return new NasError({
      code: 'NAS_SETUP_CERTIFICATE',
      found: `pip does not trust the certificate of the package index, downloading ${what}`,
      fix: 'set PIP_CERT to the file with your proxy’s certificates and run the same command again',
      ...unseen,
    });
  }
  if (
    /Failed to establish|Max retries|NewConnectionError|Name or service|Network is unreachable|resolution|Connect(ion)?Error|timed out|Connection (refused|reset|broken|aborted)|ProtocolError|ProxyError|IncompleteRead/i.test(
      stderr,
    )
  ) {
    return new NasError({
      code: 'NAS_SETUP_NETWORK',
      found: `pip cannot reach the package index to download ${what}`,
      expected: 'a network connection',
      fix: 'connect, or point pip at your mirror (pip config set global.index-url URL), then run the same command again',
      ...unseen,
    });
  }
  return new NasError({
    code: 'NAS_SETUP_WHEEL',
    found: `pip could not download ${what}`,
    expected: `a package index that offers it for ${WHEEL_TAGS.platforms[0]}`,
    fix: `read ${log}; try another index with PIP_INDEX_URL`,
    ...unseen,
  });
}

/** Bytes of all files below a folder; files that vanish meanwhile count nothing. */
export async function bytesBelow(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        (info) => info.size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
