import type { Rng } from '../core/index.js';
import type { Network, Parameter, Weights } from './network.js';

/** Standard deviation of the classifier's start, see {@link initialWeights}. */
const CLASSIFIER_DEVIATION = 0.01;

/**
 * Random start weights.
 *
 * Convolutions: He normal by fan-out as in MnasNet's released code (tensorflow/tpu, `conv_kernel_initializer`):
 * deviation √(2/(k·k·out)), where a depthwise kernel counts as one output, √(2/(k·k)). Dense layers before the
 * classifier are 1×1 convolutions in MobileNetV3's tables and start the same way. The classifier starts normal with
 * deviation 0.01, as torchvision's MobileNets: MnasNet's ±1/√classes is meant for 1000 classes and grows as they
 * get fewer. Biases and offsets 0, scales 1, moving mean 0, moving variance 1; no scale starts at zero.
 *
 * Each parameter draws from its own stream `rng.fork(name)`, so one layer's start does not depend on others.
 */
export function initialWeights(network: Network, rng: Rng): Weights {
  const classifier = network.layers.at(-1)?.name;
  return new Map(
    network.parameters.map((parameter) => {
      const values = new Float32Array(parameter.size);
      if (parameter.role === 'scale' || parameter.role === 'variance') values.fill(1);
      if (parameter.role === 'kernel') {
        const deviation = parameter.layer === classifier ? CLASSIFIER_DEVIATION : heDeviation(parameter);
        fillNormal(values, deviation, rng.fork(parameter.name));
      }
      return [parameter.name, values];
    }),
  );
}

function heDeviation({ shape }: Parameter): number {
  const outputs = shape.at(-1) ?? 1;
  const window = shape.length === 4 ? (shape[0] ?? 1) * (shape[1] ?? 1) : 1;
  return Math.sqrt(2 / (window * outputs));
}

/**
 * Normal numbers in bulk. A network has millions of weights, for which the project's streams are too slow; so
 * the stream draws 96 bits that start a small fast generator (sfc32, Doty-Humphrey), and Marsaglia's polar
 * method turns its words into normal numbers.
 */
function fillNormal(values: Float32Array, deviation: number, rng: Rng): void {
  let a = rng.integer(2 ** 32) | 0;
  let b = rng.integer(2 ** 32) | 0;
  let c = rng.integer(2 ** 32) | 0;
  let counter = 1;
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) word();
  for (let i = 0; i < values.length;) {
    const u = word() / 2 ** 31;
    const v = word() / 2 ** 31;
    const s = u * u + v * v;
    if (s >= 1 || s === 0) continue;
    const factor = deviation * Math.sqrt((-2 * Math.log(s)) / s);
    values[i++] = u * factor;
    if (i < values.length) values[i++] = v * factor;
  }
}
