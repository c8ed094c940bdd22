import type { Rng } from '../../core/index.js';
import type { Architecture } from '../architecture/architecture.js';

/** One decision of a search space; a gene is an index into `options`. */
export interface Choice {
  /** Unique in the space, e.g. `stage3.kernel`. */
  readonly name: string;
  readonly options: readonly (string | number)[];
}

/** One option index per choice, in the order of the space's choices. */
export type Genome = readonly number[];

/** What a space needs to know about the task: it adapts its strided blocks to the input. */
export interface Task {
  readonly input: readonly [number, number, number];
  readonly classes: number;
}

/** A list of choices and their meaning. Pure: equal genomes decode to equal architectures. */
export interface SearchSpace {
  readonly name: string;
  readonly task: Task;
  /** Changes whenever any genome's meaning changes; a study refuses to resume on another digest. */
  readonly digest: string;
  readonly choices: readonly Choice[];
  /** Number of genomes (may exceed 2^53, hence a bigint). */
  readonly size: bigint;
  sample(rng: Rng): Genome;
  /** @throws NasError `NAS_BAD_GENOME` for a wrong length or an index out of range */
  decode(genome: Genome): Architecture;
  /** The genome that decodes to this architecture. @throws NasError `NAS_NOT_IN_SPACE` when there is none */
  encode(architecture: Architecture): Genome;
}
