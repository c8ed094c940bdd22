import { NasError, nearest, unknownName } from '../../core/index.js';
import { PLATFORM_FORMS, platformNames, type PlatformSpec } from './spec.js';
import { joinWords, splitWords } from './words.js';

const MOST_THREADS = 512;
const MOST_CHARACTERS = 4000;

/**
 * Reads `NAME[:OPTIONS]`.
 * @throws NasError `NAS_UNKNOWN_PLATFORM` for a name that is not in {@link platformNames}, `NAS_BAD_PLATFORM` for options
 * that it does not take
 */
export function parsePlatform(text: string): PlatformSpec {
  const [, name = '', given] = /^([^:]*)(?::(.*))?$/s.exec(text.trim()) ?? [];
  const kind = platformNames.find((known) => known === name);
  if (kind === undefined) throw unknownName('latency platform', name, platformNames, 'NAS_UNKNOWN_PLATFORM');
  const options = given?.trim() ?? '';
  if (text.length > MOST_CHARACTERS || /[\0\r\n]/.test(options) || (given !== undefined && options === ''))
    throw bad(kind, options === '' ? 'nothing after the colon' : 'text that is no option');
  return Object.freeze(read(kind, options));
}

/** The one way to write a platform: `parsePlatform(formatPlatform(spec))` is `spec` again. */
export function formatPlatform(spec: PlatformSpec): string {
  switch (spec.kind) {
    case 'tensorflow':
      return spec.kind;
    case 'onnxruntime':
      return written(spec.kind, [spec.int8 ? 'int8' : null, threadsText(spec.threads)]);
    case 'chromium':
      return written(spec.kind, [spec.provider, threadsText(spec.threads)]);
    case 'command':
      return `command:${joinWords([spec.program, ...spec.args])}`;
    case 'agent':
      return `agent:${spec.url}`;
    case 'table':
      return `table:${spec.file}`;
  }
}

function read(kind: PlatformSpec['kind'], options: string): PlatformSpec {
  switch (kind) {
    case 'tensorflow':
      if (options !== '')
        throw bad(kind, `options ${quoted(options)}`, 'leave them out: --threads sets its threads');
      return { kind };
    case 'onnxruntime': {
      const { word, threads } = listed(kind, options, ['int8']);
      return { kind, ...(word === undefined ? {} : { int8: true }), threads };
    }
    case 'chromium': {
      const { word, threads } = listed(kind, options, ['wasm', 'webgpu']);
      if (word === 'webgpu' && threads !== null) throw bad(kind, 'threads for webgpu', 'leave threads out');
      return { kind, provider: word ?? 'wasm', threads };
    }
    case 'command': {
      const words = splitWords(options);
      if (words === null) throw bad(kind, 'a quote that is not closed');
      const [program, ...args] = words;
      if (program === undefined || program === '') throw bad(kind, 'no program');
      return { kind, program, args: Object.freeze(args) };
    }
    case 'agent':
      return { kind, url: address(options) };
    case 'table':
      if (options === '') throw bad(kind, 'no file');
      return { kind, file: options };
  }
}

/** Options between commas: at most one of `words`, and `threads=N`. */
function listed<W extends string>(
  kind: PlatformSpec['kind'],
  options: string,
  words: readonly W[],
): { readonly word: W | undefined; readonly threads: number | null } {
  let word: W | undefined;
  let threads: number | null = null;
  for (const option of options === '' ? [] : options.split(',').map((part) => part.trim())) {
    const known = words.find((one) => one === option);
    const count = /^threads=(\d{1,6})$/.exec(option)?.[1];
    if (known !== undefined && word === undefined) word = known;
    else if (count !== undefined && threads === null) threads = threadCount(kind, Number(count));
    else {
      const near = nearest(option, words);
      throw bad(kind, `option ${quoted(option)}`, near === undefined ? undefined : `did you mean ${near}?`);
    }
  }
  return { word, threads };
}

function threadCount(kind: PlatformSpec['kind'], count: number): number {
  if (count >= 1 && count <= MOST_THREADS) return count;
  throw bad(kind, `threads=${count}`, `1 to ${MOST_THREADS} threads`);
}

/** Scheme, host and port. A secret in an address would be stored with the study and shown. */
function address(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw bad('agent', `address ${quoted(text)}`);
  if (url.username !== '' || url.password !== '')
    throw bad('agent', 'a secret in the address', 'set NAS_AGENT_TOKEN instead');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw bad('agent', 'more than scheme, host and port', `agent:${url.origin}`);
  return url.origin;
}

function written(kind: string, options: readonly (string | null)[]): string {
  const given = options.filter((option) => option !== null);
  return given.length === 0 ? kind : `${kind}:${given.join(',')}`;
}

function threadsText(threads: number | null): string | null {
  return threads === null ? null : `threads=${threads}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

function bad(kind: PlatformSpec['kind'], found: string, fix?: string): NasError {
  return new NasError({
    code: 'NAS_BAD_PLATFORM',
    found: `latency platform ${kind} with ${found}`,
    expected: PLATFORM_FORMS[kind],
    ...(fix === undefined ? {} : { fix }),
  });
}
