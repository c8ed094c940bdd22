import type { Layer, Pads } from './layer.js';

type Window = Pick<Layer, 'in' | 'out' | 'kernel' | 'stride'>;

/** Padding of a sliding window: the layer's own, else TensorFlow's SAME, where the end gets more if it is uneven. */
export function padsOf(layer: Window & Pick<Layer, 'pads'>): Pads {
  return layer.pads ?? samePads(layer);
}

/**
 * The padding of a PyTorch convolution with odd kernel and `padding = kernel // 2`, without the rows and columns at the end
 * that no window reaches: SAME padding with its ends exchanged. Undefined where that is the same.
 */
export function symmetricPads(window: Window): Pads | undefined {
  const [top, left, bottom, right] = samePads(window);
  return top === bottom && left === right ? undefined : [bottom, right, top, left];
}

function samePads({ in: [height, width], out, kernel, stride }: Window): Pads {
  const [top, bottom] = side(height, out[0], kernel, stride);
  const [left, right] = side(width, out[1], kernel, stride);
  return [top, left, bottom, right];
}

function side(size: number, out: number, kernel: number, stride: number): readonly [number, number] {
  const total = Math.max(0, (out - 1) * stride + kernel - size);
  const before = Math.floor(total / 2);
  return [before, total - before];
}
