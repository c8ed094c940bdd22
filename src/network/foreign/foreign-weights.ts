import { NasError, type Rng } from '../../core/index.js';
import type { Layer } from '../../space/index.js';
import { hasKernel } from '../build.js';
import { initialWeights } from '../init.js';
import type { Network, Weights } from '../network.js';
import { parseHeader, TENSOR_TYPES } from '../weights-header.js';
import { LIBRARIES, LIBRARY_NAMES, type Library, type LibraryName } from './libraries.js';
import { modulesOf, plainNames, type ForeignModule, type ForeignTensor } from './modules.js';

export interface ForeignOptions {
  /** The network as our architecture has it, with the library's padding, its classes the task's. */
  readonly network: Network;
  /** Epsilon of our batch normalisation. */
  readonly epsilon: number;
  /** Starts a classifier of other classes than the file's. */
  readonly rng: Rng;
  /** Whose file it is; recognized by its names unless given. */
  readonly library?: LibraryName | undefined;
}

export interface ForeignWeights {
  readonly weights: Weights;
  readonly library: Library;
  /** Whether the file has another number of classes, so that the classifier is a new one. */
  readonly newHead: boolean;
  /** Whether the file is for three colours and the network for one: the kernels of the first layer were added up. */
  readonly grey: boolean;
}

/**
 * The library that a file of weights comes from.
 * @throws NasError `NAS_BAD_WEIGHTS`, `NAS_UNKNOWN_WEIGHTS` where its names are no library's that we read
 */
export function libraryOf(bytes: Uint8Array, given?: LibraryName): Library {
  const names = new Set(plainNames(parseHeader(bytes, TENSOR_TYPES)).tensors.keys());
  const library = LIBRARIES.find((one) => (given === undefined ? one.recognizes(names) : one.name === given));
  if (library !== undefined) return library;
  throw new NasError({
    code: 'NAS_UNKNOWN_WEIGHTS',
    found: `weights of unknown names, e.g. ${JSON.stringify([...names].slice(0, 2).join(', ').slice(0, 80))}`,
    expected: `names of ${LIBRARY_NAMES.join(', ')}`,
    fix: 'see docs/formats.md, "Weights from other libraries"',
  });
}

/**
 * Weights of a PyTorch library's network, read from a safetensors file, as ours: layers are matched by their order of
 * execution, and each shape must agree. Scales are changed so that normalisation with our epsilon computes what it did with
 * theirs. The bytes are not trusted.
 * @throws NasError `NAS_BAD_WEIGHTS`, `NAS_UNKNOWN_WEIGHTS`, `NAS_OTHER_WEIGHTS` where they are another network's
 */
export function foreignWeights(bytes: Uint8Array, options: ForeignOptions): ForeignWeights {
  const { network, epsilon, rng } = options;
  const library = libraryOf(bytes, options.library);
  const header = plainNames(parseHeader(bytes, TENSOR_TYPES));
  const modules = [...modulesOf(header, bytes.subarray(header.start))];
  const theirEpsilon = library.epsilon(new Set(header.tensors.keys()));
  const layers = network.layers.filter(hasKernel);
  const weights = new Map<string, Float32Array>();
  let [newHead, grey] = [false, false];
  for (const [index, layer] of layers.entries()) {
    const kernel = take(modules, 'kernel', layer);
    const norm = layer.norm ? take(modules, 'norm', layer) : undefined;
    const weight = required(kernel, 'weight', layer);
    const last = index === layers.length - 1;
    if (last && weight.shape[0] !== layer.out[2] && weight.shape[1] === layer.in[2]) {
      newHead = true;
      break;
    }
    const folded = index === 0 ? greyscale(weight, layer) : weight;
    grey ||= folded !== weight;
    weights.set(`${layer.name}.kernel`, turned(folded, layer, kernel.name));
    if (layer.bias) weights.set(`${layer.name}.bias`, vector(kernel, 'bias', layer));
    else if (kernel.tensor('bias') !== undefined) throw other(`a bias of ${kernel.name}`, 'none');
    if (norm !== undefined) setNorm(weights, norm, layer, theirEpsilon, epsilon);
  }
  const left = newHead ? undefined : modules[0];
  if (left !== undefined)
    throw other(`layer ${left.name}`, `${layers.length} layers, as the architecture has`);
  const start = newHead ? initialWeights(network, rng) : undefined;
  return {
    weights: new Map(
      network.parameters.map(({ name, size }) => [
        name,
        weights.get(name) ?? start?.get(name) ?? new Float32Array(size),
      ]),
    ),
    ...{ library, newHead, grey },
  };
}

function take(modules: ForeignModule[], kind: ForeignModule['kind'], layer: Layer): ForeignModule {
  const module = modules.shift();
  if (module?.kind === kind) return module;
  const what = kind === 'norm' ? 'batch normalisation' : 'a convolution or dense layer';
  throw other(module === undefined ? 'no more layers' : `layer ${module.name}`, `${what} for ${layer.name}`);
}

function required(module: ForeignModule, part: string, layer: Layer): ForeignTensor {
  const tensor = module.tensor(part);
  if (tensor !== undefined) return tensor;
  throw other(`${module.name} without ${part}`, `one for ${layer.name}`);
}

function vector(module: ForeignModule, part: string, layer: Layer): Float32Array {
  const { shape, values } = required(module, part, layer);
  const channels = layer.out[2];
  if (shape.length === 1 && shape[0] === channels) return values;
  throw other(`${module.name}.${part} of shape [${shape.join(', ')}]`, `[${channels}] for ${layer.name}`);
}

/** [out, in, kh, kw] as our [kh, kw, in, out]; [channels, 1, kh, kw] as [kh, kw, channels, 1]; [out, in] as [in, out]. */
function turned({ shape, values }: ForeignTensor, layer: Layer, name: string): Float32Array {
  const [outputs, window] = [layer.out[2], layer.op === 'dense' ? 1 : layer.kernel ** 2];
  const inputs = layer.op === 'dwconv' ? 1 : layer.in[2];
  const side = layer.op === 'dense' ? 1 : layer.kernel;
  const expected = [outputs, inputs, side, side];
  const found = shape.length === 2 ? [...shape, 1, 1] : shape;
  if (found.join() !== expected.join())
    throw other(`${name} of shape [${shape.join(', ')}]`, `[${expected.join(', ')}] for ${layer.name}`);
  const result = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      for (let tap = 0; tap < window; tap++)
        result[(tap * inputs + i) * outputs + o] = values[(o * inputs + i) * window + tap] as number;
  return result;
}

/** Kernels of three colours for a grey picture, whose three equal colours they would see. */
function greyscale(weight: ForeignTensor, layer: Layer): ForeignTensor {
  const [outputs = 0, colours, height = 0, width = 0] = weight.shape;
  if (layer.in[2] !== 1 || colours !== 3 || layer.op !== 'conv') return weight;
  const window = height * width;
  const values = Float32Array.from({ length: outputs * window }, (_, i) => {
    const at = Math.floor(i / window) * colours * window + (i % window);
    return [0, 1, 2].reduce((sum, colour) => sum + (weight.values[at + colour * window] as number), 0);
  });
  return { shape: [outputs, 1, height, width], values };
}

/** γ/√(σ² + theirs) = γ'/√(σ² + ours): the scale makes up for the other epsilon. */
function setNorm(
  weights: Map<string, Float32Array>,
  norm: ForeignModule,
  layer: Layer,
  theirs: number,
  ours: number,
): void {
  const variance = vector(norm, 'running_var', layer);
  const scale = vector(norm, 'weight', layer).map(
    (value, c) => value * Math.sqrt(((variance[c] as number) + ours) / ((variance[c] as number) + theirs)),
  );
  weights.set(`${layer.name}.scale`, scale);
  weights.set(`${layer.name}.offset`, vector(norm, 'bias', layer));
  weights.set(`${layer.name}.mean`, vector(norm, 'running_mean', layer));
  weights.set(`${layer.name}.variance`, variance);
}

function other(found: string, expected: string): NasError {
  return new NasError({
    code: 'NAS_OTHER_WEIGHTS',
    found: `the weights are of another network: ${found.slice(0, 200)}`,
    expected,
    fix: 'name the preset or architecture that the file was trained as',
  });
}
