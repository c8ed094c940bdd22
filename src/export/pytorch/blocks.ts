import { assertNever } from '../../core/index.js';
import type { Network } from '../../network/index.js';
import type { Layer } from '../../space/index.js';
import type { ModuleName } from './modules.js';

/** A block of a network as Python. */
export interface PythonBlock {
  /** The expression that makes it. */
  readonly call: string;
  readonly modules: readonly ModuleName[];
  /** By layer with a kernel, the path of its modules within the block: `expand.conv` and `expand.bn`. */
  readonly paths: readonly ModulePath[];
  /** The last layer: its result is the block's. */
  readonly result: Layer;
}

export interface ModulePath {
  readonly layer: string;
  /** Module with the kernel and the bias. */
  readonly kernel: string;
  /** Module with the normalisation; only where the layer has one. */
  readonly norm: string;
}

/** A network's layers by block: those in front of the pooling, and the dense ones behind it. */
export function partsOf({ layers }: Network): {
  readonly spatial: readonly (readonly Layer[])[];
  readonly dense: readonly Layer[];
} {
  const blocks = new Map<number, Layer[]>();
  for (const layer of layers) blocks.set(layer.block, [...(blocks.get(layer.block) ?? []), layer]);
  const all = [...blocks.values()];
  const alone = (block: readonly Layer[], op: Layer['op']) => block.length === 1 && block[0]?.op === op;
  return {
    spatial: all.filter((block) => !alone(block, 'gap') && !alone(block, 'dense')),
    dense: all.filter((block) => alone(block, 'dense')).flat(),
  };
}

/** A block of convolutions, made of its layers. @throws RangeError for layers that no block consists of (a bug) */
export function pythonBlock(layers: readonly Layer[]): PythonBlock {
  const roles = new Map(layers.map((layer) => [layer.name.slice(layer.name.indexOf('.') + 1), layer]));
  const result = layers.at(-1) as Layer;
  const { expand, depthwise, project, start, conv } = Object.fromEntries(roles);
  const skip = skipOf(layers);
  const own = (
    name: ModuleName,
    numbers: readonly number[],
    named: Named,
    kept: Readonly<Record<string, Layer | undefined>>,
  ) => {
    const se = squeezeOf(roles);
    return {
      call: `${name}(${[...numbers.map(String), ...keywords({ ...named, se: se?.call, skip: skip?.call })].join(', ')})`,
      modules: modulesOf(name, layers),
      paths: [
        ...Object.entries(kept).flatMap(([path, layer]) => (layer ? [normalised(layer, path)] : [])),
        ...(se?.paths ?? []),
      ],
      result,
    };
  };
  if (conv !== undefined) return convolution(conv, skip, layers);
  if (project === undefined) throw new RangeError(`block of ${result.name} without a projection`);
  const [inputs, outputs] = [(layers[0] as Layer).in[2], project.out[2]];
  if (start !== undefined || depthwise === undefined) {
    if (expand === undefined) throw new RangeError(`block of ${result.name} without an expansion`);
    const sizes = { start: start?.kernel, kernel: depthwise?.kernel, stride: (depthwise ?? start)?.stride };
    const act = classOf(expand.activation);
    return own(
      'UniversalBottleneck',
      [inputs, expand.out[2], outputs],
      { ...sizes, act },
      {
        ...{ start, expand, depthwise, project },
      },
    );
  }
  const { kernel, stride, activation } = depthwise;
  const named = { kernel, stride, act: classOf(activation) };
  if (expand !== undefined)
    return own('InvertedResidual', [inputs, expand.out[2], outputs], named, { expand, depthwise, project });
  const projected = { project_act: project.activation === 'id' ? undefined : classOf(project.activation) };
  return own('DepthwiseSeparable', [inputs, outputs], { ...named, ...projected }, { depthwise, project });
}

/** A dense layer in front of the classifier. */
export function pythonDense(layer: Layer): PythonBlock {
  const named = { bn: layer.norm ? 'True' : undefined, act: classOf(layer.activation) };
  return {
    call: `DenseBnAct(${[layer.in[2], layer.out[2], ...keywords(named)].join(', ')})`,
    modules: ['DenseBnAct'],
    paths: [{ layer: layer.name, kernel: 'dense', norm: 'bn' }],
    result: layer,
  };
}

type Named = Readonly<Record<string, string | number | undefined>>;
type Made = { readonly call: string; readonly paths: readonly ModulePath[] };

function convolution(conv: Layer, skip: Made | undefined, layers: readonly Layer[]): PythonBlock {
  const { kernel, stride } = conv;
  const named = { kernel, stride, act: conv.activation === 'id' ? undefined : classOf(conv.activation) };
  const call = `ConvBnAct(${[conv.in[2], conv.out[2], ...keywords(named)].join(', ')})`;
  const result = layers.at(-1) as Layer;
  if (skip === undefined)
    return { call, modules: modulesOf('ConvBnAct', layers), paths: [normalised(conv, '')], result };
  return {
    call: `ResidualConv(${call}, ${skip.call})`,
    modules: modulesOf('ResidualConv', layers),
    paths: [normalised(conv, 'conv')],
    result,
  };
}

function squeezeOf(roles: ReadonlyMap<string, Layer>): Made | undefined {
  const [reduce, excite] = [roles.get('reduce'), roles.get('excite')];
  if (reduce === undefined || excite === undefined) return undefined;
  const gate = excite.activation === 'hsig' ? undefined : classOf(excite.activation);
  const plain = (layer: Layer, role: string) => ({ layer: layer.name, kernel: `se.${role}`, norm: '' });
  return {
    call: `SqueezeExcite(${[reduce.in[2], reduce.out[2], ...keywords({ gate })].join(', ')})`,
    paths: [plain(reduce, 'reduce'), plain(excite, 'excite')],
  };
}

function skipOf(layers: readonly Layer[]): Made | undefined {
  if (layers.at(-1)?.op !== 'add') return undefined;
  const pool = layers.find(({ op }) => op === 'avgpool');
  if (pool === undefined) return { call: 'nn.Identity()', paths: [] };
  const pad = layers.find(({ op }) => op === 'pad');
  const extra = pad === undefined ? undefined : pad.out[2] - pad.in[2];
  return { call: `PooledSkip(${keywords({ stride: pool.stride, extra }).join(', ')})`, paths: [] };
}

function modulesOf(name: ModuleName, layers: readonly Layer[]): readonly ModuleName[] {
  const has = (wanted: (layer: Layer) => boolean, module: ModuleName) =>
    layers.some(wanted) ? [module] : [];
  return [
    'ConvBnAct',
    name,
    ...has(({ op, stride, kernel }) => op !== 'avgpool' && stride === 2 && kernel > 1, 'Conv2dSame'),
    ...has(({ op }) => op === 'avgpool', 'PooledSkip'),
    ...has(({ op }) => op === 'scale', 'SqueezeExcite'),
  ];
}

function normalised(layer: Layer, path: string): ModulePath {
  const within = path === '' ? '' : `${path}.`;
  return { layer: layer.name, kernel: `${within}conv`, norm: `${within}bn` };
}

/** Arguments by name; those that are undefined or 1 of a stride or of a kernel of a convolution are the defaults. */
function keywords(named: Named): readonly string[] {
  return Object.entries(named).flatMap(([name, value]) =>
    value === undefined || (name === 'stride' && value === 1) ? [] : [`${name}=${value}`],
  );
}

/** PyTorch's module of an activation. */
function classOf(activation: Layer['activation']): string {
  switch (activation) {
    case 'id':
      return 'nn.Identity';
    case 're':
      return 'nn.ReLU';
    case 'r6':
      return 'nn.ReLU6';
    case 'hs':
      return 'nn.Hardswish';
    case 'hsig':
      return 'nn.Hardsigmoid';
    case 'sig':
      return 'nn.Sigmoid';
    default:
      return assertNever(activation);
  }
}
