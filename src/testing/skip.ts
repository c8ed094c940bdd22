import { beforeAll, beforeEach, type RunnerTask } from 'vitest';

/** Tests of a suite that an implementation cannot keep, each by its name as the report prints it, and why. */
export interface Skipping {
  readonly skip?: readonly { readonly test: string; readonly reason: string }[];
}

/** Skips those tests of the suite that surrounds the call. To be called before the suite's own hooks. */
export function skipTests({ skip = [] }: Skipping): void {
  // eslint-disable-next-line no-empty-pattern -- vitest reads a hook's first parameter as text, and wants a pattern
  beforeAll(({}, suite) => {
    const names = suite.tasks.flatMap(namesIn);
    for (const { test } of skip)
      if (!names.includes(test)) throw new Error(`${test}: no test of ${suite.name} has this name`);
  });
  beforeEach(({ task, skip: skipThis }) => {
    const found = skip.find(({ test }) => test === task.name);
    if (found !== undefined) skipThis(found.reason);
  });
}

const namesIn = (task: RunnerTask): string[] =>
  task.type === 'suite' ? task.tasks.flatMap(namesIn) : [task.name];
