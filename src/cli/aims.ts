import { NasError } from '../core/index.js';

/** A platform and its latency limit, in ms. */
export interface Aim {
  readonly platform: string;
  readonly targetMs: number;
}

/**
 * Which target holds on which platform: the n-th `--target-latency` on the n-th `--platform`, one alone on all of them.
 * @param targetsMs at least one
 * @throws NasError `NAS_BAD_CONFIG` for other numbers of the two, or a platform named twice
 */
export function aimsOf(
  platforms: readonly string[] = ['tensorflow'],
  targetsMs: readonly number[],
): { readonly first: Aim; readonly also: readonly Aim[] } {
  const twice = platforms.find((platform, i) => platforms.indexOf(platform) < i);
  if (twice !== undefined) throw badAim(`--platform ${twice} given twice`, 'each platform once');
  if (targetsMs.length > 1 && targetsMs.length !== platforms.length)
    throw badAim(
      `${targetsMs.length} target latencies for ${platforms.length} platform${platforms.length === 1 ? '' : 's'}`,
      'one for all, or one for each --platform in the same order',
    );
  const [first, ...also] = platforms.map((platform, i): Aim => ({
    platform,
    targetMs: (targetsMs[i] ?? targetsMs[0]) as number,
  }));
  if (first === undefined) throw new TypeError('aims of no platform');
  return { first, also };
}

function badAim(found: string, expected: string): NasError {
  return new NasError({ code: 'NAS_BAD_CONFIG', found, expected });
}

/** For options that may be given several times. */
export function collect<T>(
  parse: (text: string) => T,
): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => [...before, parse(text)];
}
