import { assertNever } from '../core/index.js';
import type { DetectorLayer } from './layer.js';

/**
 * Whose count of operations: ultralytics-thop 2.2, with Ultralytics 8.4.190, or 2.0, which left attention out and by which
 * most published GFLOPs were counted.
 */
export type CountVersion = '2.2' | '2.0';

/** Heads' softmax over n keys: an exponential and a division each, and the sum between them. */
const softmax = (rows: number, keys: number) => rows * (3 * keys - 1);

/**
 * Operations of a layer for one picture as ultralytics-thop counts them on the network as trained: multiply-adds of
 * convolutions and linear layers; 4 per number of a normalisation, which inference folds; neither biases, activations,
 * additions, pooled means, sampling nor the softmax of deformable attention. GFLOPs are twice this number, normalisation
 * included.
 */
export function operationsOf(layer: DetectorLayer, version: CountVersion): number {
  return layer.calls * operationsOnce(layer, version);
}

function operationsOnce(layer: DetectorLayer, version: CountVersion): number {
  const { op, inputs, outputs, positions, kernel, groups, norm, heads } = layer;
  const results = outputs * positions;
  switch (op) {
    case 'conv':
      return results * ((kernel * kernel * inputs) / groups + (norm ? 4 : 0));
    case 'linear':
      return results * inputs;
    case 'norm':
      return 4 * results;
    case 'attention': {
      if (version === '2.0') return 0;
      const products = 4 * positions * inputs ** 2 + 2 * positions ** 2 * inputs;
      return products + softmax(heads * positions, positions);
    }
    case 'code':
      // Two products of positions and frequencies, each for a quarter of the channels.
      return version === '2.0' ? 0 : (positions * inputs) / 2;
    case 'upsample':
      return version === '2.0' ? results : 0;
    case 'embedding':
    case 'free':
      return 0;
    default:
      return assertNever(op);
  }
}
