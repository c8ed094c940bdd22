import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { places } from '../../src/app/environment.js';
import { followUp } from '../../src/cli/follow-up.js';

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
