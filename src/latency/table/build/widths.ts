import { keyOf, knownSegment, segmentOf, type Segment, type Step } from '../key.js';

/**
 * Keys of segments narrower than a space's, for networks that NetAdapt makes: in each group of keys that differ in
 * widths only, the narrowest and the middle one at half and a quarter, once in all widths and once inside only (the
 * expansion). Widths in between are interpolated. In parts of one key or group each.
 */
export function* narrowerKeys(keys: readonly string[]): Generator<void, readonly string[]> {
  const groups = new Map<string, Segment[]>();
  for (const key of keys) {
    const segment = knownSegment(key);
    const pattern = patternOf(segment);
    const group = groups.get(pattern);
    if (group === undefined) groups.set(pattern, [segment]);
    else group.push(segment);
    yield;
  }
  const known = new Set(keys);
  const added = new Set<string>();
  for (const segments of groups.values()) {
    segments.sort((a, b) => widthSum(a) - widthSum(b));
    const chosen = new Set([segments[0] as Segment, segments[Math.floor(segments.length / 2)] as Segment]);
    for (const segment of chosen)
      for (const factor of [0.5, 0.25])
        for (const inside of [false, true]) {
          const narrower = narrowed(segment, factor, inside);
          const key = narrower === null ? null : keyOf(narrower);
          if (key !== null && !known.has(key) && segmentOf(key) !== null) added.add(key);
        }
    yield;
  }
  return [...added];
}

/** What keys that differ in widths only have in common. */
export function patternOf({ input, steps }: Segment): string {
  const forms = steps.map((step) => {
    switch (step.op) {
      case 'conv':
        return `conv${step.kernel}s${step.stride}${step.activation}`;
      case 'dw':
        return `dw${step.kernel}s${step.stride}${step.activation}`;
      case 'se':
        return `se${step.gate}`;
      case 'dense':
        return `dense${step.activation}`;
      case 'pooladd':
        return `pooladds${step.stride}`;
      case 'gap':
      case 'add':
        return step.op;
    }
  });
  return [`${input[0]}x${input[1]}`, ...forms].join(' ');
}

/** The widths in a segment: of its input, and of each step that has one. */
export function widthsOf({ input, steps }: Segment): readonly number[] {
  return [input[2], ...steps.flatMap((step) => ('channels' in step ? [step.channels] : []))];
}

function widthSum(segment: Segment): number {
  return widthsOf(segment).reduce((sum, width) => sum + width, 0);
}

/** null where nothing is left to make narrower. `inside`: the width between two convolutions only. */
function narrowed({ input, steps }: Segment, factor: number, inside: boolean): Segment | null {
  const less = (width: number) => Math.max(8, Math.round((width * factor) / 8) * 8);
  const middle = steps.length >= 3 && steps[0]?.op === 'conv';
  // Pictures' channels and classes are fixed.
  if (inside ? !middle : input[2] < 8 || steps.some((step) => step.op === 'dense')) return null;
  return {
    input: inside ? input : [input[0], input[1], Math.min(input[2], less(input[2]))],
    steps: steps.map((step, index): Step => {
      if (!('channels' in step) || (inside && index > 0)) return step;
      return { ...step, channels: Math.min(step.channels, less(step.channels)) };
    }),
  };
}
