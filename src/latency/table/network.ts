import { createRng } from '../../core/index.js';
import { initialWeights, networkOf, type Network } from '../../network/index.js';
import type { Layer, Shape } from '../../space/index.js';
import type { Runnable } from '../platform/platform.js';
import { knownSegment, layersOfSegment, type Segment, type Step } from './key.js';

/**
 * A segment as a stand-alone network, to be timed. A dense layer reads a vector, so a pooling over one pixel stands before
 * it, as in {@link emptyRunnable}.
 * @throws RangeError for a key that means no segment (a bug; keys from outside are checked when a table is read)
 */
export function runnableOf(key: string): Runnable {
  return runnableOfSegment(knownSegment(key));
}

/** The same of a segment that may have more steps than a key. */
export function runnableOfSegment(segment: Segment): Runnable {
  const network = networkOfPiece(segment);
  return { network, weights: initialWeights(network, createRng('table')) };
}

function networkOfPiece(segment: Segment): Network {
  const layers = layersOfSegment(segment);
  return networkOf(
    segment.input,
    segment.steps[0]?.op === 'dense' ? behindPooling(segment.input, layers) : layers,
  );
}

/**
 * Equal layers in a row. Their weights differ in one number: if equal, a runtime may keep them once (TensorFlow does so
 * for dense layers); all drawn, millions of random numbers would take longer than to time them. Small kernels and an
 * offset keep values near 1: the same layer over and over would let them fade to subnormal numbers, which take many times
 * as long.
 */
export function repeatedRunnable(input: Shape, step: Step, length: number): Runnable {
  const one = runnableOfSegment({ input, steps: [step] });
  const network = networkOfPiece({ input, steps: new Array<Step>(length).fill(step) });
  const byRole = new Map(
    one.network.parameters.map(({ role, name, size }) => {
      const values = one.weights.get(name) ?? new Float32Array(size);
      return [role, role === 'kernel' ? values.map((value) => value / 2) : values];
    }),
  );
  const weights = network.parameters.map(({ name, role, size }, index): [string, Float32Array] => {
    if (role === 'offset' || role === 'bias') return [name, new Float32Array(size).fill(0.5)];
    const values = (byRole.get(role) ?? new Float32Array(size)).slice();
    if (role === 'kernel') values[0] = index / network.parameters.length / 2;
    return [name, values];
  });
  return { network, weights: new Map(weights) };
}

/** Operations that {@link chainRunnable} has in addition to the pooling. */
const CHAIN_LENGTH = 8;
const TINY: Shape = [1, 1, 8];

/** A network of one operation that does next to nothing: what a run costs, and starting that operation. */
export function emptyRunnable(): Runnable {
  const network = networkOf(TINY, [poolingOf(TINY)]);
  return { network, weights: new Map() };
}

/** The same with {@link CHAIN_LENGTH} tiny dense layers behind: what starting an operation costs. */
export function chainRunnable(): Runnable {
  const dense = Array.from({ length: CHAIN_LENGTH }, (): Step => ({
    op: 'dense',
    channels: 8,
    activation: 're',
  }));
  return runnableOfSegment({ input: TINY, steps: dense });
}

/** What starting an operation costs, by what the two take. */
export function chainStart(emptyMs: number, chainMs: number): number {
  return Math.max(0, chainMs - emptyMs) / CHAIN_LENGTH;
}

function behindPooling(input: Shape, layers: readonly Layer[]): readonly Layer[] {
  const moved = layers.map((layer) => ({
    ...layer,
    from: layer.from.map((name) => (name === 'input' ? 'start' : name)),
  }));
  return [poolingOf(input), ...moved];
}

function poolingOf(shape: Shape): Layer {
  return {
    name: 'start',
    block: 0,
    op: 'gap',
    from: ['input'],
    in: shape,
    out: [1, 1, shape[2]],
    kernel: 1,
    stride: 1,
    groups: 1,
    bias: false,
    norm: false,
    activation: 'id',
    params: 0,
    madds: 0,
  };
}
