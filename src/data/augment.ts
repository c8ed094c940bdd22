import type { Rng } from '../core/index.js';

/** How each picture of a batch is cropped and mirrored; the form of a backend's step. */
export interface Augmentation {
  readonly top: Int32Array;
  readonly left: Int32Array;
  readonly flip: Uint8Array;
}

/**
 * Draws pad-crop-flip for one batch: corners uniform in 0 … 2·pad, every picture mirrored with probability ½ where
 * `flip`. Each picture takes three numbers of the stream, used or not, so that a setting shifts no other draw.
 */
export function augmentation(batch: number, pad: number, flip: boolean, rng: Rng): Augmentation {
  const drawn = { top: new Int32Array(batch), left: new Int32Array(batch), flip: new Uint8Array(batch) };
  for (let at = 0; at < batch; at++) {
    drawn.top[at] = rng.integer(2 * pad + 1);
    drawn.left[at] = rng.integer(2 * pad + 1);
    drawn.flip[at] = rng.integer(2) & (flip ? 1 : 0);
  }
  return drawn;
}
