import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expandHome } from '../files/home.js';
import { digest } from '../hash.js';
import { NATIVE_PACKAGES, type NativePackage } from './pins.js';

/** Where the package lies: the folder of its package.json, found from this file upwards (dist/core or src/core). */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json of platform-nas not found above its own code');
    folder = parent;
  }
  return folder;
}

/** What `nas setup` makes: `NAS_TENSORFLOW_DIR`, else a folder in the package. */
export function setupFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return resolve(expandHome(env['NAS_TENSORFLOW_DIR'] ?? join(packageRoot(), '.tensorflow')));
}

/** Where `nas setup` unpacks them; other versions have another folder. */
export function nativePackages(folder: string): string {
  return join(folder, `packages-${digest(NATIVE_PACKAGES).slice(0, 8)}`);
}

/**
 * The folder of one in its pinned version: as `nas setup` brought it, there or to the package's own folder, else as a
 * clone's npm did; undefined: it is missing.
 */
export function nativePackage(name: NativePackage, folder = setupFolder()): string | undefined {
  const places = [
    join(nativePackages(folder), 'node_modules', name),
    join(nativePackages(setupFolder({})), 'node_modules', name),
    join(packageRoot(), 'node_modules', name),
  ];
  return places.find((place) => versionIn(place) === NATIVE_PACKAGES[name].version);
}

/**
 * `require` of one of these packages' files: `''` for its entry.
 * @throws Error when the package is missing or does not load
 */
export function requireNative(name: NativePackage, file = ''): unknown {
  const place = nativePackage(name);
  if (place === undefined) throw new NativePackageMissing(name);
  return createRequire(import.meta.url)(join(place, file)) as unknown;
}

/** The package was not brought yet. */
export class NativePackageMissing extends Error {
  constructor(name: NativePackage) {
    super(`${name} is not set up`);
  }
}

/** Where `nas setup` puts the database's add-on for this Node. */
export function databaseAddon(folder = setupFolder()): string {
  const { version } = NATIVE_PACKAGES['better-sqlite3'];
  const node = `${process.platform}-${process.arch}-abi${process.versions.modules}`;
  return join(folder, 'database', `better-sqlite3-${version}-${node}.node`);
}

/**
 * The database's add-on that is used: of the set-up folder, else of the package's own, where it was set up before
 * `NAS_TENSORFLOW_DIR` named another; undefined where neither has one.
 */
export function presentAddon(): string | undefined {
  return [databaseAddon(), databaseAddon(setupFolder({}))].find((file) => existsSync(file));
}

function versionIn(place: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as { version?: string }).version;
  } catch {
    return undefined;
  }
}
