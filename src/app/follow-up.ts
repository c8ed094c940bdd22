import { isAbsolute, relative } from 'node:path';
import { joinWords } from '../latency/index.js';
import { places, type Places } from './environment.js';

/** A command for the user to give next, with the `--runs` that it needs to find the same studies. */
export function followUp(where: Pick<Places, 'runs'>, command: string): string {
  const option = runsWords(where);
  return option === undefined ? command : `${command} ${option}`;
}

/** What a fix says of studies: a command that takes `--runs`, or an option of one. */
const OF_STUDIES =
  /\bnas (?:compare|dashboard|export|family|frontier|proxy-check|prune|repair|replay|report|retrain|search|show|start|studies|trials)\b|\bnetadapt refine\b|--resume\b/;

/**
 * An error's line of a command that works in other studies than the usual: its fix names commands without `--runs`, for
 * what finds an error does not know how the command was given.
 * @param runs of the option; undefined where the command has none
 */
export function withRuns(text: string, fix: string | undefined, runs: string | undefined): string {
  if (fix === undefined || runs === undefined || !OF_STUDIES.test(fix) || fix.includes('--runs')) return text;
  const option = runsWords(places({ runs }));
  return option === undefined ? text : `${text} (with ${option})`;
}

/** The option that names a runs folder; undefined for the usual one. */
function runsWords({ runs }: Pick<Places, 'runs'>): string | undefined {
  if (runs === places().runs) return undefined;
  const near = relative(process.cwd(), runs);
  const short = near !== '' && !/^[-.]/.test(near) && !isAbsolute(near);
  return `--runs ${joinWords([short ? near : runs])}`;
}
