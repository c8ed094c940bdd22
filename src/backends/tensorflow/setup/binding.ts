import { cp, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NasError, nativePackage, NativePackageMissing } from '../../../core/index.js';
import { headersError, nodeGyp } from './gyp.js';
import { BINDING, CC_LIBRARY, FRAMEWORK_LIBRARY } from './layout.js';
import type { Environment } from '../../../process/index.js';

const BINDING_SOURCES = '@tensorflow/tfjs-node-gpu';

export interface BindingOptions {
  readonly env: Environment;
  /** Where `nas setup` put the binding's sources, unless npm did. */
  readonly directory: string;
  /** An empty folder for the build. */
  readonly work: string;
  /** The folder laid out as an installation; gets the binding. */
  readonly stage: string;
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds tfjs-node-gpu's binding against the libraries and headers in `stage`, unchanged except for where it searches
 * for them. Its own folder in node_modules is not changed.
 * @throws NasError `NAS_SETUP_BUILD`
 */
export async function buildBinding(options: BindingOptions): Promise<void> {
  const { work, stage, env } = options;
  const source = nativePackage(BINDING_SOURCES, options.directory);
  if (source === undefined) throw new NativePackageMissing(BINDING_SOURCES);
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'deps/lib'), { recursive: true });
  await cp(join(source, 'binding'), join(work, 'binding'), { recursive: true });
  await copyFile(join(source, 'package.json'), join(work, 'package.json'));
  await writeFile(join(work, 'binding.gyp'), relocate(await readFile(join(source, 'binding.gyp'), 'utf8')));
  await symlink(join(stage, 'include'), join(work, 'deps/include'));
  await symlink(join(stage, 'lib', CC_LIBRARY), join(work, 'deps/lib/libtensorflow.so'));
  await symlink(join(stage, 'lib', FRAMEWORK_LIBRARY), join(work, 'deps/lib/libtensorflow_framework.so'));

  const result = await nodeGyp(gypArguments(), { env, cwd: work, log: options.log, signal: options.signal });
  if (result.code !== 0) throw buildError(result.stdout + result.stderr, options.log);
  await copyFile(join(work, 'lib', BINDING), join(stage, BINDING));
}

/** Makes the binding look for TensorFlow in `lib/` next to itself. */
export function relocate(gyp: string): string {
  const theirs = String.raw`\$$ORIGIN/../../deps/lib`;
  if (!gyp.includes(theirs)) throw new TypeError('binding.gyp has another run path than tfjs-node-gpu 4.22');
  return gyp.replace(theirs, () => String.raw`\$$ORIGIN/lib`);
}

function gypArguments(): string[] {
  return [
    'rebuild',
    '--release',
    ...['--', '-Dnapi_build_version=8', '-Dmodule_name=tfjs_binding', '-Dmodule_path=./lib'],
  ];
}

function buildError(output: string, log: string): NasError {
  if (/no space left/i.test(output)) {
    return new NasError({
      code: 'NAS_SETUP_DISK',
      found: 'the disk is full while building the binding',
      fix: 'free some space and run the same command again',
    });
  }
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|network/i.test(output)) {
    return headersError();
  }
  return new NasError({
    code: 'NAS_SETUP_BUILD',
    found: 'node-gyp could not build the TensorFlow binding',
    expected: 'a compiler for C++17',
    fix: `read ${log}`,
  });
}
