import { digest, NasError } from '../../src/core/index.js';
import {
  formatArchitecture,
  parseArchitecture,
  type Architecture,
  type Genome,
  type SearchSpace,
} from '../../src/space/index.js';

/** A space of `choices` × `options` whose k-th choice is the width of the k-th convolution: 8 + gene. */
export function fakeSpace(choices = 6, options = 4): SearchSpace {
  const task = { input: [8, 8, 1] as const, classes: 10 };
  const decode = (genome: Genome): Architecture => {
    if (genome.length !== choices || genome.some((g) => !Number.isInteger(g) || g < 0 || g >= options))
      throw new NasError({ code: 'NAS_BAD_GENOME', found: JSON.stringify(genome) });
    return {
      version: 1,
      input: task.input,
      blocks: [
        ...genome.map((gene) => ({
          kind: 'cn' as const,
          kernel: 3,
          stride: 1 as const,
          channels: 8 + gene,
          activation: 're' as const,
          skip: 'no' as const,
        })),
        { kind: 'gap' as const },
        { kind: 'fc' as const, channels: task.classes, activation: 'id' as const },
      ],
    };
  };
  const names = Array.from({ length: options }, (_, i) => i);
  return {
    name: 'fake',
    task,
    digest: digest(['fake', choices, options]),
    choices: Array.from({ length: choices }, (_, i) => ({ name: `c${i}`, options: names })),
    size: BigInt(options) ** BigInt(choices),
    sample: (rng) => Array.from({ length: choices }, () => rng.integer(options)),
    decode,
    encode: (architecture) => genomeOf(formatArchitecture(architecture)),
  };
}

/** The genes behind a text of {@link fakeSpace}. */
export function genomeOf(text: string): number[] {
  return parseArchitecture(text).blocks.flatMap((block) => (block.kind === 'cn' ? [block.channels - 8] : []));
}
