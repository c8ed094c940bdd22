import { layersOfSegment, type Segment } from './key.js';

/** Amounts of work of a segment, by kind; each ≥ 0. A kind that it lacks is absent. */
export function workOf(segment: Segment): ReadonlyMap<string, number> {
  const work = new Map<string, number>();
  const add = (name: string, amount: number) => {
    if (amount > 0) work.set(name, (work.get(name) ?? 0) + amount);
  };
  for (const layer of layersOfSegment(segment)) {
    const { op, kernel, params, madds, activation } = layer;
    const kind = op === 'conv' ? (kernel === 1 ? 'pointwise' : 'convolution') : op;
    const [read, written] = [size(layer.in), size(layer.out)];
    add(`layers of ${kind}`, 1);
    add(`multiply-adds of ${kind}`, madds);
    if (op === 'dwconv' && kernel > 3) add(`multiply-adds of wide ${kind}`, madds);
    add(`weights of ${kind}`, params);
    add(`values read by ${kind}`, read);
    add(`values written by ${kind}`, written);
    if (activation !== 'id') add(`values through ${activation}`, written);
  }
  return work;
}

/** Numbers that a segment's layers read and write, a rough measure of how long it takes; for the order of a build. */
export function effortOf(segment: Segment): number {
  return layersOfSegment(segment).reduce(
    (sum, layer) => sum + layer.madds + size(layer.in) + size(layer.out) + layer.params,
    0,
  );
}

function size([height, width, channels]: readonly [number, number, number]): number {
  return height * width * channels;
}
