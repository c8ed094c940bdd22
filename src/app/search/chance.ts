import { formatPercent } from '../../core/index.js';
import type { ClassCounts } from '../../data/index.js';
import type { TrialReader } from '../../trials/index.js';
import { factsOf } from '../study/data-facts.js';
import { specOf } from '../study/studies.js';

/** Share of the largest class, which always naming it has right, and how many pictures were evaluated. */
export interface Chance {
  readonly share: number;
  readonly pictures: number;
}

/** Of the held-out and of the test part. */
export function chancesOf(counts: readonly ClassCounts[]): {
  readonly heldOut: Chance;
  readonly test: Chance;
} {
  const of = (part: 'heldOut' | 'test'): Chance => {
    const numbers = counts.map((count) => count[part]);
    const pictures = numbers.reduce((a, b) => a + b, 0);
    return { share: pictures === 0 ? 0 : Math.max(...numbers) / pictures, pictures };
  };
  return { heldOut: of('heldOut'), test: of('test') };
}

/** Whether an accuracy is no better than naming the largest class always: within two standard errors of it. */
export function isAtChance(accuracy: number, { share, pictures }: Chance): boolean {
  return accuracy <= share + 2 * Math.sqrt((share * (1 - share)) / Math.max(1, pictures));
}

const ADVICE = 'check the data (nas data check), the learning rate and the length of training';

/** Said at the end of a search of which no candidate has learned anything; undefined otherwise, and where it is unknown. */
export function searchAtChance(reader: TrialReader): string | undefined {
  const chance = factsOf(reader)?.chance?.heldOut;
  const done = { kinds: ['sample'], states: ['done'] } as const;
  const best = reader.rows({ ...done, sort: 'accuracy', descending: true, limit: 1 })[0]?.accuracy;
  if (chance === undefined || best === null || best === undefined || !isAtChance(best, chance))
    return undefined;
  const { proxy } = specOf(reader);
  const short =
    proxy.maxSteps !== null && proxy.maxSteps < 100 ? ` (they were trained for ${proxy.maxSteps} steps)` : '';
  return (
    `warning: no candidate is better than guessing: the best of ${reader.count(done)} has ${formatPercent(best)} on the ` +
    `held-out pictures, naming the largest class every time gives ${formatPercent(chance.share)}${short}; ${ADVICE}`
  );
}

/** Said of a retrained network that has learned nothing. */
export function retrainedAtChance(reader: TrialReader, accuracy: number): string | undefined {
  const chance = factsOf(reader)?.chance?.test;
  if (chance === undefined || !isAtChance(accuracy, chance)) return undefined;
  return (
    `warning: the retrained network is no better than guessing: ${formatPercent(accuracy)} on the test pictures, ` +
    `naming the largest class every time gives ${formatPercent(chance.share)}; ${ADVICE}`
  );
}
