import type { SpaceDefinition } from './definition.js';
import type { Task } from './search-space.js';
import { adaptStrides } from '../architecture/strides.js';

export type Value = string | number;

/** One decision: a choice where it has more than one option, else a constant. */
export interface Field {
  /** `<part>.<what>`, e.g. `stage3.kernel`. */
  readonly name: string;
  readonly options: readonly Value[];
}

/** Fields of one part in the order in which they are chosen. */
export interface Part {
  readonly kind: 'hswish' | 'stem' | 'stage' | 'head';
  readonly name: string;
  readonly fields: readonly Field[];
}

/** A definition made fit for a task. */
export interface Plan {
  readonly task: Task;
  /** `hswish`, `stem`, `stage1` …, `head`. */
  readonly parts: readonly Part[];
}

/** The value of a field by its name. */
export type Values = ReadonlyMap<string, Value>;

/** Stride of a stage that gives up its halving when the stem takes it: 2 behind a stem of stride 1, else 1. */
export const UNLESS_STEM = 'unless-stem';

/**
 * Adapts a definition to the task. Parts that may have stride 2 count as halvings in {@link adaptStrides}; those
 * that are dropped keep only stride 1, so where the input is small there is less to choose. Where the stem would be dropped and
 * `surplus` says that the last stage may be, the stem may keep its stride: the last strided stage then has stride 1.
 */
export function planSpace(definition: SpaceDefinition, task: Task): Plan {
  const strided = [definition.stem, ...definition.stages].map((part) => part.stride);
  const adapted = adaptStrides(
    strided.map((options) => (options.includes(2) ? 2 : 1)),
    task.input,
  );
  const strides = strided.map((options, index): readonly Value[] => (adapted[index] === 1 ? [1] : options));
  const last = adapted.lastIndexOf(2);
  const { stride, surplus } = definition.stem;
  if (adapted[0] === 1 && last > 0 && stride.includes(2) && surplus.includes('last')) {
    strides[0] = surplus.map((part) => (part === 'stem' ? 1 : 2));
    strides[last] = (strides[last] ?? []).map((stride) => (stride === 2 ? UNLESS_STEM : stride));
  }
  const parts: Part[] = [
    part('hswish', 'hswish', { from: definition.hswishFrom }),
    part('stem', 'stem', { ...definition.stem, stride: strides[0] }),
    ...definition.stages.map((stage, index) =>
      part('stage', `stage${index + 1}`, { ...stage, stride: strides[index + 1] }),
    ),
    part('head', 'head', definition.head),
  ];
  return { task, parts };
}

const ORDER = [
  'from',
  'place',
  'op',
  'kernel',
  'stride',
  'expansion',
  'se',
  'skip',
  'bottleneck',
  'filters',
  'features',
  'layers',
  'activation',
] as const;

function part(
  kind: Part['kind'],
  name: string,
  options: Readonly<Partial<Record<(typeof ORDER)[number], readonly Value[] | undefined>>>,
): Part {
  const fields = ORDER.flatMap((key) => {
    const list = options[key];
    return list === undefined ? [] : [{ name: `${name}.${key}`, options: list }];
  });
  return { kind, name, fields };
}
