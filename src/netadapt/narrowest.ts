import type { Architecture } from '../space/index.js';
import { dimensionsOf, keyOf, narrowerWidths, withWidth } from './dimensions.js';
import { DEFAULT_SETTINGS, type NetAdaptSettings } from './settings.js';

type Shrinkable = Pick<NetAdaptSettings, 'granularity' | 'kinds'>;

/** How far NetAdapt can shrink an architecture: every dimension at its narrowest width; in parts of one dimension each. */
export function* narrowest(
  architecture: Architecture,
  { granularity, kinds }: Shrinkable = DEFAULT_SETTINGS,
): Generator<void, Architecture> {
  return yield* narrowed(architecture, { granularity, kinds }, (widths) => widths.at(-1));
}

/**
 * Every width at most a share of what it was, or as it was where no such width is left; kernels and depth stay. In parts
 * of one dimension each.
 * @param share above 0, below 1
 */
export function* narrowedTo(
  architecture: Architecture,
  share: number,
  { granularity, kinds }: Shrinkable = DEFAULT_SETTINGS,
): Generator<void, Architecture> {
  const widthKinds = kinds.filter((kind) => kind !== 'kernel' && kind !== 'depth');
  return yield* narrowed(architecture, { granularity, kinds: widthKinds }, (widths, from) =>
    widths.find((width) => width <= share * from),
  );
}

function* narrowed(
  architecture: Architecture,
  { granularity, kinds }: Shrinkable,
  choose: (widths: readonly number[], from: number) => number | undefined,
): Generator<void, Architecture> {
  let shrunk = architecture;
  for (const key of dimensionsOf(architecture, kinds).map(keyOf)) {
    const dimension = dimensionsOf(shrunk, kinds).find((one) => keyOf(one) === key);
    const width = dimension && choose(narrowerWidths(shrunk, dimension, granularity), dimension.width);
    if (dimension !== undefined && width !== undefined) shrunk = withWidth(shrunk, dimension, width);
    yield;
  }
  return shrunk;
}
