import { deepFreeze } from '../core/index.js';
import { layersOf, type Architecture, type Layer, type Shape } from '../space/index.js';
import type { Network, Parameter, Role } from './network.js';

/** The network of an architecture: its layers as the space lowers them, and the parameters they read. */
export function buildNetwork(architecture: Architecture): Network {
  return networkOf(architecture.input, layersOf(architecture));
}

/**
 * The network of a list of layers, parameters in the layers' order: `kernel`, `bias`, `scale`, `offset`, `mean`,
 * `variance`, each where the layer has it. Deep-frozen.
 */
export function networkOf(input: Shape, layers: readonly Layer[]): Network {
  const last = layers.at(-1);
  if (last === undefined) throw new RangeError('a network needs at least one layer');
  return deepFreeze({
    input: [...input] as unknown as Shape,
    classes: last.out[2],
    layers: [...layers],
    parameters: layers.flatMap(parametersOf),
  });
}

/** True for the operations that have a kernel. */
export function hasKernel(layer: Layer): boolean {
  return layer.op === 'conv' || layer.op === 'dwconv' || layer.op === 'dense';
}

function parametersOf(layer: Layer): Parameter[] {
  if (!hasKernel(layer)) return [];
  const channels = layer.out[2];
  const vector = (role: Role) => parameter(layer.name, role, [channels]);
  return [
    parameter(layer.name, 'kernel', kernelShape(layer)),
    ...(layer.bias ? [vector('bias')] : []),
    ...(layer.norm ? [vector('scale'), vector('offset'), vector('mean'), vector('variance')] : []),
  ];
}

function kernelShape(layer: Layer): readonly number[] {
  const [inputs, outputs] = [layer.in[2], layer.out[2]];
  if (layer.op === 'dense') return [inputs, outputs];
  return [layer.kernel, layer.kernel, inputs, layer.op === 'dwconv' ? 1 : outputs];
}

function parameter(layer: string, role: Role, shape: readonly number[]): Parameter {
  return {
    name: `${layer}.${role}`,
    layer,
    role,
    shape,
    size: shape.reduce((product, length) => product * length, 1),
    trained: role !== 'mean' && role !== 'variance',
  };
}
