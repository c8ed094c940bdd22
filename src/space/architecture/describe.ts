import type { Architecture } from './architecture.js';
import { classesOf } from './check.js';
import type { Layer, Shape } from './layer.js';
import { costsOf, layersOf } from './layers.js';
import type { Choice, SearchSpace } from '../search-space/search-space.js';
import { formatArchitecture } from './text.js';

/** One row of `nas arch`; see {@link Layer} for the fields. */
export type LayerDescription = Pick<
  Layer,
  'name' | 'op' | 'in' | 'out' | 'kernel' | 'stride' | 'groups' | 'params' | 'madds'
>;

/** What `nas arch --json` prints. */
export interface ArchitectureDescription {
  readonly name: string;
  readonly text: string;
  readonly input: Shape;
  readonly classes: number;
  readonly params: number;
  readonly madds: number;
  readonly layers: readonly LayerDescription[];
}

/** What `nas space --json` prints; `size` is a decimal number as text, since it may exceed 2^53. */
export interface SpaceDescription {
  readonly name: string;
  readonly digest: string;
  readonly input: Shape;
  readonly classes: number;
  readonly size: string;
  readonly choices: readonly Choice[];
}

/** An architecture layer by layer; `name` is the preset's or file's name, by default the text form. */
export function describeArchitecture(architecture: Architecture, name?: string): ArchitectureDescription {
  const text = formatArchitecture(architecture);
  return {
    name: name ?? text,
    text,
    input: architecture.input,
    classes: classesOf(architecture),
    ...costsOf(architecture),
    layers: layersOf(architecture).map((layer) => ({
      name: layer.name,
      op: layer.op,
      in: layer.in,
      out: layer.out,
      kernel: layer.kernel,
      stride: layer.stride,
      groups: layer.groups,
      params: layer.params,
      madds: layer.madds,
    })),
  };
}

/** A space's choices with their options, and its size. */
export function describeSpace(space: SearchSpace): SpaceDescription {
  const { name, digest, task, choices } = space;
  return { name, digest, input: task.input, classes: task.classes, size: String(space.size), choices };
}
