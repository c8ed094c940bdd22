import { createRng, type Rng } from '../../../core/index.js';
import { layersOf, type Choice, type Genome, type SearchSpace } from '../../../space/index.js';
import { segmentsOf } from '../segments.js';

/** Genomes decoded per part of a space at most; where a part has more, this number is drawn at random. */
const MOST_GENOMES = 100_000;

/**
 * Every distinct key that the networks of a space are made of, in no order that means anything; in parts of one decoded
 * genome each, of which a large space takes tens of thousands.
 *
 * A part of a space (stem, stage, head) makes its blocks from its own choices, the width of the part before it, where
 * h-swish begins, and the strides before it. So it is enough to go through the combinations of these, part by part.
 * @param seed of the drawing where a part has too many combinations to go through
 */
export function* keysOfSpace(space: SearchSpace, seed = 'space'): Generator<void, readonly string[]> {
  const keys = new Set<string>();
  const rng = createRng(seed);
  for (const varied of variedChoices(space.choices)) {
    for (const genome of genomes(space.choices, varied, rng)) {
      for (const { parts } of segmentsOf({ layers: layersOf(space.decode(genome)) }))
        for (const part of parts) keys.add(part);
      yield;
    }
  }
  return [...keys];
}

/** A part of a space, and positions of the choices that its blocks depend on with those options that are gone through. */
interface Varied {
  readonly part: string;
  readonly options: ReadonlyMap<number, readonly number[]>;
}

/** For each part, the choices that its blocks depend on. */
function variedChoices(choices: readonly Choice[]): readonly Varied[] {
  const named = choices.map(({ name, options }) => {
    const dot = name.indexOf('.');
    return { part: name.slice(0, dot), field: name.slice(dot + 1), options };
  });
  const parts = [...new Set(named.map(({ part }) => part))].filter((part) => part !== 'hswish');
  return (parts.length === 0 ? ['head'] : parts).map((part) => {
    const gone = new Map<number, readonly number[]>();
    for (const [index, choice] of named.entries()) {
      const all = [...choice.options.keys()];
      const place = rank(part) - rank(choice.part);
      if (choice.part === 'hswish') gone.set(index, hswishOptions(choice.options, part));
      else if (place === 0 ? choice.field !== 'layers' : place > 0 && choice.field === 'stride')
        gone.set(index, all);
      else if (choice.field === 'filters' && (place === 1 || (part === 'head' && place > 0)))
        gone.set(index, all);
    }
    return { part, options: gone };
  });
}

/** The stem, then the stages, then the head. */
function rank(part: string): number {
  return part === 'stem' ? 0 : part === 'head' ? 1000 : Number(part.slice('stage'.length));
}

/** One start of h-swish at or before the part, and one behind it, where there are such. */
function hswishOptions(options: readonly (string | number)[], part: string): readonly number[] {
  const reaches = (option: string | number) => option !== 'never' && rank(String(option)) <= rank(part);
  const found = [options.findIndex(reaches), options.findIndex((option) => !reaches(option))];
  return found.filter((index) => index >= 0);
}

/**
 * Other choices stay at their first option; the part itself has as many layers as it can, which has all that fewer have,
 * and the others as few.
 */
function* genomes(choices: readonly Choice[], { part, options: gone }: Varied, rng: Rng): Generator<Genome> {
  const lists = [...gone];
  const total = lists.reduce((product, [, options]) => product * options.length, 1);
  const base = choices.map(({ name, options }) => {
    if (!name.endsWith('.layers')) return 0;
    const layers = options.map(Number);
    return layers.indexOf(name === `${part}.layers` ? Math.max(...layers) : Math.min(...layers));
  });
  for (let number = 0; number < Math.min(total, MOST_GENOMES); number++) {
    const genome = [...base];
    let left = number;
    for (const [index, options] of lists) {
      const at = total > MOST_GENOMES ? rng.integer(options.length) : left % options.length;
      genome[index] = options[at] as number;
      left = Math.floor(left / options.length);
    }
    yield genome;
  }
}
