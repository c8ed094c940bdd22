// The networks that are timed, and shares in percent.
import { createRng } from '../../../dist/core/index.js';
import { formatArchitecture, searchSpace } from '../../../dist/space/index.js';

/** Random networks of the space mobilenetv3, in text form. @param input height, width, channels */
export function sampled(count, { input = [28, 28, 1], classes = 10, seed }) {
  const space = searchSpace('mobilenetv3', { input, classes });
  const rng = createRng(seed);
  return Array.from({ length: count }, () => formatArchitecture(space.decode(space.sample(rng))));
}

export const percent = (share, digits = 2) => Number((100 * share).toFixed(digits));
