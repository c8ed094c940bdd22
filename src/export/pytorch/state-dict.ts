import { numbers, type NamedNumbers, type Network, type Weights } from '../../network/index.js';
import type { Layer } from '../../space/index.js';
import { convolutionKernel, transposed } from '../onnx/kernels.js';
import { partsOf, pythonBlock, pythonDense, type ModulePath } from './blocks.js';

const NORM_NAMES = {
  scale: 'weight',
  offset: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
} as const;

/**
 * A network's weights by the names and in the shapes of its PyTorch class: `blocks.3.expand.conv.weight` [out, in, k, k],
 * `blocks.3.expand.bn.running_mean`, `head.0.dense.weight`, `classifier.weight` [out, in]. The backbone's are those that
 * begin with `blocks.`.
 */
export function stateDict(network: Network, weights: Weights): readonly NamedNumbers[] {
  const layers = new Map(network.layers.map((layer) => [layer.name, layer]));
  return pathsOf(network).flatMap((path) => {
    const layer = layers.get(path.layer) as Layer;
    const vector = (name: string, role: keyof typeof NORM_NAMES | 'bias'): NamedNumbers => ({
      name,
      shape: [layer.out[2]],
      values: numbers(weights, layer.name, role),
    });
    const roles = Object.keys(NORM_NAMES) as (keyof typeof NORM_NAMES)[];
    return [
      { name: `${path.kernel}.weight`, ...kernelOf(layer, weights) },
      ...(layer.bias ? [vector(`${path.kernel}.bias`, 'bias')] : []),
      ...(layer.norm ? roles.map((role) => vector(`${path.norm}.${NORM_NAMES[role]}`, role)) : []),
    ];
  });
}

function pathsOf(network: Network): readonly ModulePath[] {
  const { spatial, dense } = partsOf(network);
  const within = (prefix: string, { layer, kernel, norm }: ModulePath): ModulePath => ({
    layer,
    kernel: `${prefix}.${kernel}`,
    norm: `${prefix}.${norm}`,
  });
  const last = dense.at(-1);
  return [
    ...spatial.flatMap((block, i) => pythonBlock(block).paths.map((path) => within(`blocks.${i}`, path))),
    ...dense
      .slice(0, -1)
      .flatMap((layer, i) => pythonDense(layer).paths.map((path) => within(`head.${i}`, path))),
    ...(last === undefined ? [] : [{ layer: last.name, kernel: 'classifier', norm: '' }]),
  ];
}

/** A squeeze-and-excite's dense layers are 1×1 convolutions, those behind the pooling linear. */
function kernelOf(layer: Layer, weights: Weights): Pick<NamedNumbers, 'shape' | 'values'> {
  const values = numbers(weights, layer.name, 'kernel');
  if (layer.op !== 'dense') return convolutionKernel(layer, values);
  const [inputs, outputs] = [layer.in[2], layer.out[2]];
  const gate = /\.(reduce|excite)$/.test(layer.name) ? [1, 1] : [];
  return { shape: [outputs, inputs, ...gate], values: transposed(values, inputs, outputs) };
}
