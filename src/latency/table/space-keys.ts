import { createRng, type Rng } from '../../core/index.js';
import { layersOf, type Choice, type Genome, type SearchSpace } from '../../space/index.js';
import { piecesOf } from './pieces.js';

/** Genomes decoded per part of a space at most; where a part has more, so many are drawn at random. */
const MOST_GENOMES = 100_000;

/**
 * Every distinct key that the networks of a space are made of, in no order that means anything.
 *
 * A part of a space (stem, stage, head) makes its blocks from its own choices, the width of the part before it, where
 * h-swish begins, and the strides before it. So it is enough to go through the combinations of these, part by part.
 * @param seed of the drawing where a part has too many combinations to go through
 */
export function keysOfSpace(space: SearchSpace, seed = 'space'): readonly string[] {
  const keys = new Set<string>();
  const rng = createRng(seed);
  for (const varied of variedChoices(space.choices)) {
    for (const genome of genomes(space.choices, varied, rng))
      for (const { parts } of piecesOf({ layers: layersOf(space.decode(genome)) }))
        for (const part of parts) keys.add(part);
  }
  return [...keys];
}

/** Positions of choices with those of their options that are gone through. */
type Varied = ReadonlyMap<number, readonly number[]>;

/** For each part, the choices that its blocks depend on. */
function variedChoices(choices: readonly Choice[]): readonly Varied[] {
  const named = choices.map(({ name, options }) => {
    const dot = name.indexOf('.');
    return { part: name.slice(0, dot), field: name.slice(dot + 1), options };
  });
  const parts = [...new Set(named.map(({ part }) => part))].filter((part) => part !== 'hswish');
  return (parts.length === 0 ? ['head'] : parts).map((part) => {
    const varied = new Map<number, readonly number[]>();
    for (const [index, choice] of named.entries()) {
      const all = [...choice.options.keys()];
      const place = rank(part) - rank(choice.part);
      if (choice.part === 'hswish') varied.set(index, hswishOptions(choice.options, part));
      else if (place === 0 ? choice.field !== 'layers' : place > 0 && choice.field === 'stride')
        varied.set(index, all);
      else if (choice.field === 'filters' && (place === 1 || (part === 'head' && place > 0)))
        varied.set(index, all);
    }
    return varied;
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

/** Other choices stay at their first option, numbers of layers at the largest, which has all that fewer have. */
function* genomes(choices: readonly Choice[], varied: Varied, rng: Rng): Generator<Genome> {
  const lists = [...varied];
  const total = lists.reduce((product, [, options]) => product * options.length, 1);
  const base = choices.map(({ name, options }) =>
    name.endsWith('.layers') ? options.indexOf(Math.max(...options.map(Number))) : 0,
  );
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
