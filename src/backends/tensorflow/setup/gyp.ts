import { createRequire } from 'node:module';
import { NasError } from '../../../core/index.js';
import { runProgram, type Environment, type ProgramResult } from '../../../process/index.js';
import { nodeHeaders } from './headers.js';
import { findCompilers } from './prerequisites.js';

const require = createRequire(import.meta.url);

export interface GypOptions {
  readonly env: Environment;
  readonly cwd?: string;
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
}

/** Runs node-gyp with this Node's headers and the compilers that were found. */
export async function nodeGyp(args: readonly string[], options: GypOptions): Promise<ProgramResult> {
  const { env } = options;
  const gyp = require.resolve('node-gyp/bin/node-gyp.js');
  const variables = { ...env, ...(await findCompilers(env)), ...nodeHeaders() };
  return runProgram(process.execPath, [gyp, ...args], { ...options, env: variables });
}

/**
 * Fetches Node's headers where they do not lie next to it, once before two add-ons are built side by side.
 * @throws NasError `NAS_SETUP_NETWORK`
 */
export async function fetchHeaders(options: GypOptions): Promise<void> {
  if (nodeHeaders() !== null) return;
  const { code } = await nodeGyp(['install', '--ensure'], options);
  if (code !== 0) throw headersError();
}

/** node-gyp has no headers of this Node and cannot download them. */
export function headersError(): NasError {
  return new NasError({
    code: 'NAS_SETUP_NETWORK',
    found: `node-gyp cannot download the headers of Node ${process.versions.node}`,
    expected: 'a network connection, or the headers in include/node next to Node’s bin folder',
    fix: 'sudo apt-get install -y libnode-dev (Debian’s Node), or set npm_config_nodedir to a folder with include/node',
  });
}
