import type { Architecture } from '../space/index.js';
import { dimensionsOf, keyOf, narrowerWidths, withWidth } from './dimensions.js';
import { DEFAULT_SETTINGS, type NetAdaptSettings } from './settings.js';

/** How far NetAdapt can shrink an architecture: every dimension at its narrowest width; in parts of one dimension each. */
export function* narrowest(
  architecture: Architecture,
  { granularity, head }: Pick<NetAdaptSettings, 'granularity' | 'head'> = DEFAULT_SETTINGS,
): Generator<void, Architecture> {
  let shrunk = architecture;
  for (const key of dimensionsOf(architecture, head).map(keyOf)) {
    const dimension = dimensionsOf(shrunk, head).find((one) => keyOf(one) === key);
    const width = dimension && narrowerWidths(shrunk, dimension, granularity).at(-1);
    if (dimension !== undefined && width !== undefined) shrunk = withWidth(shrunk, dimension, width);
    yield;
  }
  return shrunk;
}
