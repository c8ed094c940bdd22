import { NasError, unknownName } from '../core/index.js';
import type { Whites } from './pictures/deep-pixels.js';

/** Which pictures a study learns from. Plain data, part of the study's specification. */
export interface DataSpec {
  /** `fashion-mnist`, `cifar10` or `images:DIR`. */
  readonly name: string;
  /** Where fetched data sets live, each in a folder of its name; `images:DIR` does not read it. */
  readonly folder: string;
  /** Share of the training set that is held out for validation, in (0, 1). */
  readonly heldOut: number;
  /** Seed of every split. */
  readonly seed: string;
  /** `images:` only: height and width in pixels; null for {@link defaultImageSize}. */
  readonly size: number | null;
  /** Largest number of training pictures, held-out ones included, the same share of each class; null for all. */
  readonly limit: number | null;
  /** `images:` only: names of pictures to leave out because they are broken; found by `prepareData`. */
  readonly skip?: readonly string[] | undefined;
  /** `images:` only: what sample becomes 255 where it is not the type's largest; found by `prepareData`. */
  readonly whites?: Whites | undefined;
}

/** A data set's name, taken apart. */
export type DataName =
  | { readonly kind: 'fashion-mnist' }
  | { readonly kind: 'cifar10' }
  | { readonly kind: 'images'; readonly directory: string };

/** Every legal data set name; the last one stands for a folder of the user's. */
export const dataNames: readonly string[] = ['fashion-mnist', 'cifar10', 'images:DIR'];

/** Side in pixels that pictures of `images:DIR` are brought to when none is given. */
export const defaultImageSize = 64;

const largestImageSize = 1024;

/** @throws NasError `NAS_UNKNOWN_DATA` for a name that is none of {@link dataNames} */
export function parseDataName(name: string): DataName {
  if (name === 'fashion-mnist' || name === 'cifar10') return { kind: name };
  if (name.startsWith('images:')) {
    const directory = name.slice('images:'.length);
    if (directory !== '' && !directory.includes('\0')) return { kind: 'images', directory };
  }
  throw unknownName('data set', name, dataNames, 'NAS_UNKNOWN_DATA');
}

/**
 * Returns the specification when every field is in its range.
 * @throws NasError `NAS_UNKNOWN_DATA`, `NAS_BAD_DATA_SPEC`
 */
export function checkDataSpec(spec: DataSpec): DataSpec {
  const { kind } = parseDataName(spec.name);
  if (!(spec.heldOut > 0 && spec.heldOut < 1))
    throw badSpec(`held-out share ${spec.heldOut}`, 'a number between 0 and 1, both excluded, such as 0.1');
  if (spec.limit !== null && !(Number.isSafeInteger(spec.limit) && spec.limit >= 4))
    throw badSpec(`limit of ${spec.limit} pictures`, 'a whole number of at least 4');
  if (spec.size !== null) {
    if (kind !== 'images')
      throw badSpec(`picture size ${spec.size} for ${spec.name}`, 'no size: only images:DIR is resized');
    if (!(Number.isInteger(spec.size) && spec.size >= 8 && spec.size <= largestImageSize))
      throw badSpec(`picture size ${spec.size}`, `a whole number of pixels from 8 to ${largestImageSize}`);
  }
  return spec;
}

function badSpec(found: string, expected: string): NasError {
  return new NasError({ code: 'NAS_BAD_DATA_SPEC', found, expected });
}
