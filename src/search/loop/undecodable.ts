import { messageOf } from '../../core/index.js';
import { costsOf, formatArchitecture, type Costs, type Genome, type SearchSpace } from '../../space/index.js';
import type { Outcome, Trial } from '../../trials/index.js';

export interface Decoded {
  /** The architecture's; for a genome that stands for none, {@link NOT_DECODED} and its genes, which no parser takes. */
  readonly text: string;
  readonly counts: Costs;
}

const NOT_DECODED = 'undecodable ';

/** What a genome means. A user's own space may throw for some genomes: such a one becomes a trial that fails. */
export function decoded(space: SearchSpace, genome: Genome): Decoded {
  try {
    return decode(space, genome);
  } catch {
    return { text: NOT_DECODED + JSON.stringify(genome), counts: { params: 0, madds: 0 } };
  }
}

export function isUndecodable(text: string): boolean {
  return text.startsWith(NOT_DECODED);
}

/** How a trial ends whose genome its space could not decode; null for one with an architecture. */
export function undecodable(space: SearchSpace, { text, genome }: Trial): Outcome | null {
  if (!isUndecodable(text)) return null;
  let why = 'it could be when it was tried again';
  try {
    decode(space, genome ?? []);
  } catch (error) {
    why = messageOf(error);
  }
  const reason = `the space ${space.name} cannot decode this genome: ${why}`;
  return { state: 'failed', reason, latency: null, curve: [], seconds: 0 };
}

function decode(space: SearchSpace, genome: Genome): Decoded {
  const architecture = space.decode(genome);
  const text = formatArchitecture(architecture);
  return { text, counts: costsOf(architecture) };
}
