import { nonNegativeLeastSquares } from '../../../core/index.js';
import type { Shape } from '../../../space/index.js';
import { after, knownSegment, type Segment, type Step } from '../key.js';
import { chainRunnable, chainStart, emptyRunnable, runnableOfSegment } from '../network.js';
import { timeTwice, type MeasureOptions } from './probe.js';
import type { LatencyTable } from '../table.js';

/**
 * What a segment takes as a stand-alone network beyond what it adds to a larger one: starting a run, reading its input,
 * writing its output. Some runtimes copy both into another layout, which costs nothing inside a network; that
 * would make a sum of segments too long by as much as the segments themselves take.
 */
export type BoundaryOverheads = NonNullable<LatencyTable['boundaries']>;
export type BoundaryOverhead = BoundaryOverheads[BoundaryKind];
/** Segments whose input is read the same way: by their first step. */
export type BoundaryKind = 'conv' | 'se' | 'add' | 'gap' | 'dense';

/** Shapes that are timed, from the one with the fewest numbers to the one with the most. */
const SHAPES = 6;
const PASS: Step = { op: 'dw', kernel: 3, stride: 1, activation: 're' };
const SQUEEZE: Step = { op: 'se', channels: 8, gate: 'hsig' };
const ADD: Step = { op: 'add' };
const CHAINS: readonly (readonly Step[])[] = [
  [PASS],
  [PASS, PASS],
  [PASS, PASS, PASS],
  [SQUEEZE],
  [PASS, SQUEEZE, PASS],
  [ADD],
  [PASS, PASS, ADD],
];
/** Keeps the fit regular where all shapes are the same. */
const RIDGE = 1e-6;

/**
 * Times, for shapes of the space, a depthwise convolution once and thrice (the two more have no border), and
 * squeeze-and-excite and addition alone and inside. What the runs differ by is fitted as a start and a time per number.
 * @returns null when it was stopped
 */
export async function measureBoundaries(
  keys: readonly string[],
  seed: string,
  options: MeasureOptions,
): Promise<BoundaryOverheads | null> {
  const shapes = shapesOf(keys);
  const chains = shapes.flatMap((input) => CHAINS.map((steps): Segment => ({ input, steps })));
  const times = await timeTwice(
    [emptyRunnable(), chainRunnable(), ...chains.map(runnableOfSegment)],
    `${seed}/boundaries`,
    options,
  );
  if (times === null) return null;
  const [empty = 0, chain = 0, ...rest] = times.map(({ ms }) => ms);
  const found = shapes.map((shape, i) => {
    const [once = 0, twice = 0, thrice = 0, se = 0, seInside = 0, add = 0, addInside = 0] = rest.slice(
      CHAINS.length * i,
    );
    return {
      values: 2 * valuesOf(shape),
      scale: once,
      conv: once - (thrice - once) / 2,
      se: se + twice - seInside,
      add: add + twice - addInside,
    };
  });
  const fit = (kind: 'conv' | 'se' | 'add'): BoundaryOverhead => {
    const most = Math.max(...found.map(({ values }) => values));
    const [ms = 0, perMost = 0] = nonNegativeLeastSquares(
      found.map(({ values, scale }) => [1 / scale, values / most / scale]),
      found.map((one) => one[kind] / one.scale),
      RIDGE,
    );
    return { ms, perValueMs: perMost / most };
  };
  return {
    conv: fit('conv'),
    se: fit('se'),
    add: fit('add'),
    gap: { ms: Math.max(0, empty - chainStart(empty, chain)), perValueMs: 0 },
    // Timed behind a pooling, which is in the empty run.
    dense: { ms: empty, perValueMs: 0 },
  };
}

/** The boundary overhead in a segment's stand-alone time. */
export function boundaryOf(key: string, boundaries: BoundaryOverheads): number {
  const segment = knownSegment(key);
  const out = segment.steps.reduce<Shape>((shape, step) => after(step, shape), segment.input);
  return boundaryMs(boundaries[kindOf(segment)], valuesOf(segment.input) + valuesOf(out));
}

/** @param values numbers taken in and given out, of one picture */
export function boundaryMs({ ms, perValueMs }: BoundaryOverhead, values: number): number {
  return ms + perValueMs * values;
}

export function valuesOf([height, width, channels]: Shape): number {
  return height * width * channels;
}

function kindOf({ steps: [first] }: Segment): BoundaryKind {
  switch (first?.op) {
    case 'se':
    case 'gap':
    case 'dense':
      return first.op;
    case 'add':
    case 'pooladd':
      return 'add';
    default:
      return 'conv';
  }
}

/** Inputs of the space's convolutions, evenly from the fewest numbers to the most. */
function shapesOf(keys: readonly string[]): readonly Shape[] {
  const shapes = new Map<string, Shape>();
  for (const segment of keys.map(knownSegment))
    if (kindOf(segment) === 'conv') shapes.set(segment.input.join(), segment.input);
  const sorted = [...shapes.values()].sort((a, b) => valuesOf(a) - valuesOf(b));
  const step = (sorted.length - 1) / Math.max(1, SHAPES - 1);
  const chosen = Array.from({ length: SHAPES }, (_, i) => sorted[Math.round(i * step)] as Shape);
  return [...new Set(chosen)];
}
