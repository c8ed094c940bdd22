import { featureMaps, type Network } from '../../network/index.js';
import { partsOf, pythonBlock, pythonDense, type PythonBlock } from './blocks.js';
import { moduleSources, type ModuleName } from './modules.js';

/** A map that the backbone gives. */
export interface BackboneMap {
  /** `c3`, `c4` or `c5`. */
  readonly name: string;
  readonly stride: number;
  readonly channels: number;
  /** Index of the block whose result it is. */
  readonly block: number;
}

export interface BackboneSource {
  /**
   * Python: imports, modules, `make_blocks()` and the class, whose `forward(x)` gives the list of maps. Needs PyTorch alone.
   * Ends with a line break.
   */
  readonly source: string;
  /** What the class gives without `return_idx`, in that order. */
  readonly maps: readonly BackboneMap[];
}

export interface BackboneOptions {
  /** Epsilon of normalisation. */
  readonly epsilon: number;
  /** @default Backbone */
  readonly className?: string;
}

const LEVELS: readonly number[] = [3, 4, 5];

/**
 * The convolutional part of a network as a PyTorch class that gives C3, C4 and C5, the last results at strides 8, 16 and
 * 32; a network that is halved less often has fewer of them, and one without any gives its last map. Its state dict's
 * names are {@link stateDict}'s.
 * @throws RangeError for a class name that is none
 */
export function backboneSource(network: Network, options: BackboneOptions): BackboneSource {
  const { epsilon, className = 'Backbone' } = options;
  const blocks = spatialBlocks(network);
  const maps = mapsOf(network, blocks);
  const source = [
    preamble(epsilon),
    moduleSources(wanted(network, blocks)),
    makeBlocks(blocks, maps),
    INIT_WEIGHTS,
    backboneClass(checkedName(className), maps),
  ].join('');
  return { source, maps };
}

/** As {@link backboneSource}, followed by a class of the whole network, `Network`, whose `forward(x)` gives logits. */
export function networkSource(network: Network, options: BackboneOptions): BackboneSource {
  const { epsilon, className = 'Backbone' } = options;
  const blocks = spatialBlocks(network);
  const maps = mapsOf(network, blocks);
  const dense = partsOf(network).dense.slice(0, -1).map(pythonDense);
  const classifier = network.layers.at(-1);
  const [features, classes] = [classifier?.in[2] ?? 0, classifier?.out[2] ?? 0];
  const source = [
    preamble(epsilon),
    moduleSources(wanted(network, [...blocks, ...dense])),
    makeBlocks(blocks, maps),
    INIT_WEIGHTS,
    networkClass(dense, features, classes),
    '\n\n',
    backboneClass(checkedName(className), maps),
  ].join('');
  return { source, maps };
}

/** Symmetric padding is PyTorch's own, which needs no module; see {@link isSymmetric}. */
function wanted(network: Network, blocks: readonly Pick<PythonBlock, 'modules'>[]): ReadonlySet<ModuleName> {
  const modules = new Set(blocks.flatMap((block) => block.modules));
  if (isSymmetric(network)) modules.delete('Conv2dSame');
  return modules;
}

/** Whether its architecture has symmetric padding, where that makes a difference. */
export function isSymmetric({ layers }: Pick<Network, 'layers'>): boolean {
  return layers.some(({ pads }) => pads !== undefined);
}

function spatialBlocks(network: Network): readonly PythonBlock[] {
  return partsOf(network).spatial.map(pythonBlock);
}

function mapsOf(network: Network, blocks: readonly PythonBlock[]): readonly BackboneMap[] {
  const all = featureMaps(network);
  const wanted = all.filter(({ level }) => LEVELS.includes(level));
  const named = wanted.map(({ level, stride, layer }) => ({
    ...{ name: `c${level}`, stride, channels: layer.out[2] },
    block: blocks.findIndex(({ result }) => result.name === layer.name),
  }));
  const last = blocks.at(-1);
  if (named.length > 0 || last === undefined) return named;
  const stride = all.at(-1)?.stride ?? 1;
  return [{ name: 'last', stride, channels: last.result.out[2], block: blocks.length - 1 }];
}

function checkedName(name: string): string {
  if (/^[A-Z][A-Za-z0-9_]*$/.test(name) && !['None', 'True', 'False'].includes(name)) return name;
  throw new RangeError(`class name ${JSON.stringify(name)}`);
}

function preamble(epsilon: number): string {
  return `from typing import List, Optional, Sequence, Type

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

BN_EPS = ${epsilon}


`;
}

function makeBlocks(blocks: readonly PythonBlock[], maps: readonly BackboneMap[]): string {
  const lines = blocks.map(({ call, result: { out } }, at) => {
    const map = maps.find(({ block }) => block === at);
    return `        ${call},  # ${out[0]}x${out[1]}x${out[2]}${map === undefined ? '' : `, ${map.name.toUpperCase()}`}\n`;
  });
  return `def make_blocks() -> List[nn.Module]:
    return [
${lines.join('')}    ]


`;
}

const INIT_WEIGHTS = `def init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels // module.groups
        nn.init.normal_(module.weight, std=(2.0 / fan_out) ** 0.5)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


`;

function networkClass(dense: readonly PythonBlock[], features: number, classes: number): string {
  const head = dense.map(({ call }) => `            ${call},\n`).join('');
  const made = head === '' ? 'nn.Sequential()' : `nn.Sequential(\n${head}        )`;
  return `class Network(nn.Module):
    """The whole network: (N, C, H, W) to logits (N, num_classes)."""

    def __init__(self, num_classes: int = ${classes}):
        super().__init__()
        self.blocks = nn.Sequential(*make_blocks())
        self.head = ${made}
        self.classifier = nn.Linear(${features}, num_classes)
        self.apply(init_weights)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.head(self.blocks(x).mean((2, 3))))
`;
}

function backboneClass(name: string, maps: readonly BackboneMap[]): string {
  const list = (of: (map: BackboneMap) => number) => `[${maps.map(of).join(', ')}]`;
  const names = maps.map((map) => map.name.toUpperCase()).join(', ');
  const indices = maps.map((_, i) => i).join(', ');
  return `class ${name}(nn.Module):
    """Feature maps for a detector or segmenter: (N, C, H, W) to [${names}], or those of return_idx."""

    def __init__(self, return_idx: Sequence[int] = (${indices}${maps.length === 1 ? ',' : ''})):
        super().__init__()
        blocks, channels, strides = ${list((map) => map.block)}, ${list((map) => map.channels)}, ${list((map) => map.stride)}
        self.taps = [blocks[i] for i in return_idx]
        self.channels = [channels[i] for i in return_idx]
        self.strides = [strides[i] for i in return_idx]
        self.blocks = nn.ModuleList(make_blocks()[: max(self.taps) + 1])
        self.apply(init_weights)

    def forward(self, x: Tensor) -> List[Tensor]:
        features: List[Tensor] = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.taps:
                features.append(x)
        return features
`;
}
