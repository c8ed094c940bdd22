import { NasError, type Rng } from '../core/index.js';
import type { Layer } from '../space/index.js';
import { hasKernel } from './build.js';
import { keptChannels, type Kept } from './channels.js';
import { importanceOf, type FilterCriterion } from './importance.js';
import { initialWeights } from './init.js';
import type { Network, Parameter, Weights } from './network.js';
import { assertWeights, numbers } from './numbers.js';

export interface Surgery {
  readonly from: Network;
  /** Weights of `from`. */
  readonly weights: Weights;
  /** The same blocks with other widths or smaller depthwise kernels; picture size and which skips apply may differ, channels and classes not. */
  readonly to: Network;
  /** Starts what is new where a width grew; nothing is drawn otherwise. */
  readonly rng: Rng;
  /** Which filters stay. @default `l2-raw` */
  readonly criterion?: FilterCriterion | undefined;
  /** Epsilon of normalisation. @default 1e-3 */
  readonly epsilon?: number;
}

/**
 * Weights for another width of the same network, or smaller depthwise kernels, of which the middle stays, as NetAdapt populates a proposal (MobileNetV3 §5.2: truncate,
 * and start missing weights at random): the most important filters stay, see `keptChannels`. Moving statistics of
 * normalisation go with their channels. Equal widths give equal weights. Pure.
 * @throws NasError `NAS_SURGERY_MISMATCH` when the networks differ in more than widths
 */
export function shrink(surgery: Surgery): Weights {
  const { from, weights, to, rng, criterion = 'l2-raw', epsilon = 1e-3 } = surgery;
  assertWeights(from, weights);
  const sources = sourceLayers(from, to);
  const importance = (name: string): Float64Array =>
    importanceOf(sources.get(name) as Layer, weights, criterion, epsilon);
  const kept = keptChannels(from, to, importance);
  const grows = [...kept.values()].some((channels) => channels.includes(-1));
  const start = grows ? initialWeights(to, rng) : undefined;
  const layers = new Map(to.layers.map((layer) => [layer.name, layer]));
  return new Map(
    to.parameters.map((parameter) => {
      const layer = layers.get(parameter.layer) as Layer;
      const source = sources.get(layer.name) as Layer;
      const old = numbers(weights, layer.name, parameter.role);
      const outputs = kept.get(layer.name) ?? [];
      const fresh = start?.get(parameter.name) ?? new Float32Array(parameter.size);
      const inputs = layer.op === 'dwconv' ? [0] : (kept.get(layer.from[0] ?? 'input') ?? []);
      const rows = parameter.role === 'kernel' ? kernelRows(parameter, source, inputs) : [0];
      return [parameter.name, gather(old, source.out[2], rows, outputs, fresh)];
    }),
  );
}

/** A kernel is a matrix of rows (window position, input channel) by output channels; −1 is a new row. */
function kernelRows({ shape }: Parameter, source: Layer, inputs: Kept): Kept {
  const [rows, columns] = shape.length === 4 ? [shape[0] ?? 1, shape[1] ?? 1] : [1, 1];
  const width = source.op === 'dwconv' ? 1 : source.in[2];
  const margin = shape.length === 4 ? (source.kernel - rows) / 2 : 0;
  return Array.from({ length: rows * columns }, (_, at) => {
    const row = Math.floor(at / columns) + margin;
    const position = row * (columns + 2 * margin) + (at % columns) + margin;
    return inputs.map((input) => (input < 0 ? -1 : position * width + input));
  }).flat();
}

/** Rows and columns of a matrix of `width` columns; where one is new, what stands in `fresh`. */
function gather(
  matrix: Float32Array,
  width: number,
  rows: Kept,
  columns: Kept,
  fresh: Float32Array,
): Float32Array {
  const result = fresh.slice();
  let i = 0;
  for (const row of rows) {
    for (const column of columns) {
      if (row >= 0 && column >= 0) result[i] = matrix[row * width + column] as number;
      i++;
    }
  }
  return result;
}

function sourceLayers(from: Network, to: Network): ReadonlyMap<string, Layer> {
  const sources = new Map(from.layers.map((layer) => [layer.name, layer]));
  const withKernel = ({ layers }: Network) => layers.filter(hasKernel);
  const [before, after] = [withKernel(from), withKernel(to)];
  if (from.classes !== to.classes) throw mismatch(`${to.classes} classes`, `${from.classes} classes`);
  if (from.input[2] !== to.input[2])
    throw mismatch(`${to.input[2]} input channels`, `${from.input[2]} input channels`);
  if (before.length !== after.length)
    throw mismatch(`${after.length} layers with weights`, `${before.length} layers`);
  for (const layer of after) {
    const source = sources.get(layer.name);
    if (source === undefined || !fits(source, layer))
      throw mismatch(`layer ${signature(layer)}`, source === undefined ? 'no such layer' : signature(source));
  }
  return sources;
}

/** The same layer but for widths; a depthwise kernel may be smaller. */
function fits(source: Layer, layer: Layer): boolean {
  const smaller =
    layer.op === 'dwconv' && layer.kernel < source.kernel && (source.kernel - layer.kernel) % 2 === 0;
  return signature(source) === signature(smaller ? { ...layer, kernel: source.kernel } : layer);
}

function signature({ name, op, kernel, bias, norm }: Layer): string {
  return `${name} (${op} ${kernel}×${kernel}${bias ? ', bias' : ''}${norm ? ', normalised' : ''})`;
}

function mismatch(found: string, expected: string): NasError {
  return new NasError({
    code: 'NAS_SURGERY_MISMATCH',
    found: `weights cannot be carried over: the new network has ${found}`,
    expected: `${expected} as in the old one`,
    fix: 'change widths only, or train from random weights',
  });
}
