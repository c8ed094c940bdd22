import { NasError } from '../core/index.js';

/** Sizes of encoder and decoder, the same for every backbone. */
export interface DetectorSizes {
  readonly classes: number;
  /** Channels of every map and query. */
  readonly hidden: number;
  readonly decoderLayers: number;
  /** Most objects that one picture can have. */
  readonly queries: number;
  readonly heads: number;
  /** Sampled points per head and map. */
  readonly points: number;
  /** Width of the perceptrons behind attention. */
  readonly feedForward: number;
}

/** RT-DETR-L's. */
export const DEFAULT_SIZES: DetectorSizes = {
  classes: 80,
  hidden: 256,
  decoderLayers: 6,
  queries: 300,
  heads: 8,
  points: 4,
  feedForward: 1024,
};

const MOST_HIDDEN = 1024;
const LARGEST_STRIDE = 32;

/** Returns its argument. @throws NasError `NAS_BAD_HIDDEN_SIZE` */
export function checkSizes(sizes: DetectorSizes): DetectorSizes {
  const { hidden, heads } = sizes;
  if (hidden % heads === 0 && hidden >= heads && hidden <= MOST_HIDDEN) return sizes;
  throw new NasError({
    code: 'NAS_BAD_HIDDEN_SIZE',
    found: `hidden size ${hidden}`,
    expected: `a multiple of ${heads}, the heads of attention, up to ${MOST_HIDDEN}`,
  });
}

/** Returns its argument. @throws NasError `NAS_BAD_DETECTOR_INPUT` for sizes that the largest stride does not divide */
export function checkDetectorInput(input: readonly [number, number]): readonly [number, number] {
  if (input.every((side) => side % LARGEST_STRIDE === 0 && side > 0)) return input;
  const up = input.map((side) => Math.ceil(side / LARGEST_STRIDE) * LARGEST_STRIDE);
  throw new NasError({
    code: 'NAS_BAD_DETECTOR_INPUT',
    found: `pictures of ${input.join('×')}`,
    expected: `height and width in multiples of ${LARGEST_STRIDE}, the stride of C5`,
    fix: `--input ${up.join('x')}`,
  });
}
