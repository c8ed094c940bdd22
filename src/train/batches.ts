import type { StepInput } from '../backends/index.js';
import type { Rng } from '../core/index.js';
import { augmentation } from '../data/index.js';

export interface BatchOptions {
  readonly batch: number;
  readonly pad: number;
  readonly flip: boolean;
}

/**
 * The steps of one epoch without their learning rate: rows in a new random order, each row at most once, the
 * last partial batch dropped. Order, crops and dropout seeds come from separate streams below `rng`, named
 * by the epoch, so that an epoch's draws depend on no other epoch.
 */
export function* epochBatches(
  rows: Int32Array,
  epoch: number,
  options: BatchOptions,
  rng: Rng,
): Generator<Omit<StepInput, 'learningRate'>> {
  const { batch, pad, flip } = options;
  const order = Int32Array.from(rng.fork('shuffle').fork(epoch).shuffle(Array.from(rows)));
  const crops = rng.fork('augment').fork(epoch);
  const seeds = rng.fork('dropout').fork(epoch);
  for (let at = 0; at + batch <= order.length; at += batch) {
    yield {
      indices: order.slice(at, at + batch),
      ...augmentation(batch, pad, flip, crops),
      seed: [seeds.integer(2 ** 32), seeds.integer(2 ** 32)],
    };
  }
}
