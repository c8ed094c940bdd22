import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { places } from '../../src/app/environment.js';
import { followUp, withRuns } from '../../src/app/follow-up.js';

describe('a command to give next', () => {
  const command = 'nas start --study s1';

  it.each([
    [undefined, command],
    [places().runs, command],
    ['mine', `${command} --runs mine`],
    ['my runs', `${command} --runs 'my runs'`],
    ['-mine', `${command} --runs ${resolve('-mine')}`],
    ['/elsewhere/runs', `${command} --runs /elsewhere/runs`],
  ])('with --runs %s finds the same studies', (runs, expected) => {
    expect(followUp(places({ runs }), command)).toBe(expected);
  });
});

describe('the line of an error', () => {
  const line = (fix: string) => `something; fix: ${fix}`;

  it.each([
    ['nas retrain 3 --study demo trains it again', 'mine', ' (with --runs mine)'],
    ['resume it with --study demo --resume, or choose another name', 'mine', ' (with --runs mine)'],
    ['nas trials lists them', places().runs, ''],
    ['nas trials lists them', undefined, ''],
    ['nas doctor', 'mine', ''],
    ['nas search --study demo --resume --runs mine', 'mine', ''],
  ])('names the folder of the studies where its fix needs it: %s, --runs %s', (fix, runs, more) => {
    expect(withRuns(line(fix), fix, runs)).toBe(line(fix) + more);
  });

  it('has none without a fix', () => {
    expect(withRuns('something', undefined, 'mine')).toBe('something');
  });
});
