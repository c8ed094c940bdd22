import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TENSORFLOW_VERSION, type Flavour } from './wheels.js';

/** Raised when what lies in an installation changes, so that an older one is set up again. */
const LAYOUT_VERSION = 1;

export const CC_LIBRARY = 'libtensorflow_cc.so.2';
export const FRAMEWORK_LIBRARY = 'libtensorflow_framework.so.2';
export const BINDING = 'tfjs_binding.node';

/** What `manifest.json` says, with the paths. The binding speaks N-API 8, so no Node version is part of it. */
export interface Installation {
  readonly flavour: Flavour;
  readonly directory: string;
  /** The file to load; finds its libraries by itself. */
  readonly binding: string;
  readonly include: string;
  readonly manifest: Manifest;
}

export interface Manifest {
  readonly layout: number;
  readonly flavour: Flavour;
  /** Of TensorFlow, of tfjs-node-gpu and of each NVIDIA wheel. */
  readonly versions: Readonly<Record<string, string>>;
  readonly napi: number;
  /** Milliseconds since 1970. */
  readonly built: number;
  /** Bytes of each file that must be there. */
  readonly files: Readonly<Record<string, number>>;
}

/**
 * The installation of a flavour under a directory, or undefined when there is none that is whole and of this
 * release. Reads a few files' sizes only.
 */
export function readInstallation(directory: string, flavour: Flavour): Installation | undefined {
  const place = join(directory, flavour);
  const manifest = parseManifest(join(place, 'manifest.json'));
  if (manifest?.layout !== LAYOUT_VERSION || manifest.flavour !== flavour) return undefined;
  if (manifest.versions['tensorflow'] !== TENSORFLOW_VERSION) return undefined;
  const whole = [BINDING, `lib/${CC_LIBRARY}`, `lib/${FRAMEWORK_LIBRARY}`].every((name) => {
    const size = statSync(join(place, name), { throwIfNoEntry: false })?.size;
    return size !== undefined && size === manifest.files[name];
  });
  if (!whole) return undefined;
  return {
    flavour,
    directory: place,
    binding: join(place, BINDING),
    include: join(place, 'include'),
    manifest,
  };
}

/** The manifest of what lies in a folder laid out as an installation. */
export function describeInstallation(
  place: string,
  flavour: Flavour,
  versions: Readonly<Record<string, string>>,
  built: number,
): Manifest {
  const names = [BINDING, `lib/${CC_LIBRARY}`, `lib/${FRAMEWORK_LIBRARY}`];
  const files = Object.fromEntries(names.map((name) => [name, statSync(join(place, name)).size]));
  return { layout: LAYOUT_VERSION, flavour, versions, napi: 8, built, files };
}

function parseManifest(path: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isManifest(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const { layout, versions, files } = value as Partial<Record<keyof Manifest, unknown>>;
  return typeof layout === 'number' && isRecord(versions) && isRecord(files);
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
