import type { Architecture } from '../space/index.js';
import { dimensionsOf, keyOf, narrowerWidths, withWidth } from './dimensions.js';
import { DEFAULT_SETTINGS, type NetAdaptSettings } from './settings.js';

/** How far NetAdapt can shrink an architecture: every dimension at its narrowest width; in parts of one dimension each. */
export function* narrowest(
  architecture: Architecture,
  { granularity, kinds }: Pick<NetAdaptSettings, 'granularity' | 'kinds'> = DEFAULT_SETTINGS,
): Generator<void, Architecture> {
  let shrunk = architecture;
  for (const key of dimensionsOf(architecture, kinds).map(keyOf)) {
    const dimension = dimensionsOf(shrunk, kinds).find((one) => keyOf(one) === key);
    const width = dimension && narrowerWidths(shrunk, dimension, granularity).at(-1);
    if (dimension !== undefined && width !== undefined) shrunk = withWidth(shrunk, dimension, width);
    yield;
  }
  return shrunk;
}
