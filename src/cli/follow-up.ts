import { isAbsolute, relative } from 'node:path';
import { joinWords, places, type Places } from '../app/index.js';

/** A command for the user to give next, with the `--runs` that it needs to find the same studies. */
export function followUp({ runs }: Pick<Places, 'runs'>, command: string): string {
  if (runs === places().runs) return command;
  const near = relative(process.cwd(), runs);
  const short = near !== '' && !/^[-.]/.test(near) && !isAbsolute(near);
  return `${command} --runs ${joinWords([short ? near : runs])}`;
}
