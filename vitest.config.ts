import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { LongestFirst } from './scripts/lib/longest-first.mjs';

/**
 * Which project a test belongs to says the name of its file: `x.native.test.ts` loads native packages, `x.process.test.ts`
 * starts processes, `x.browser.test.ts` starts Chromium, `x.durability.test.ts` kills what it starts again and again; `x.test.ts` is a
 * unit test and does nothing of these. test/projects/ holds unit and native tests to it.
 */
const KINDS = ['native', 'process', 'browser', 'durability'] as const;

const project = (
  name: 'unit' | (typeof KINDS)[number],
  options: NonNullable<Extract<TestProjectConfiguration, { test?: object }>['test']>,
): TestProjectConfiguration => ({
  extends: true,
  test: {
    name,
    include: name === 'unit' ? ['test/**/*.test.ts'] : [`test/**/*.${name}.test.ts`],
    sequence: { groupOrder: name === 'unit' ? 0 : 1 },
    ...options,
  },
});

export default defineConfig({
  test: {
    // Native add-ons and process-wide state of TensorFlow do not live well in shared threads.
    pool: 'forks',
    // Many tests wait for processes that they start, so as many concurrent files as there are cores, not one less.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A test that must not run says why: ctx.skip('reason').
    allowOnly: false,
    sequence: { sequencer: LongestFirst },
    projects: [
      project('unit', {
        exclude: KINDS.map((kind) => `test/**/*.${kind}.test.ts`),
        setupFiles: ['test/projects/unit.ts'],
        // Loading the sources takes longer than the tests: a separate process for each file would load them again.
        isolate: false,
      }),
      project('native', { setupFiles: ['test/projects/native.ts'] }),
      project('process', { setupFiles: ['test/projects/process.ts'] }),
      project('browser', {}),
      project('durability', {}),
    ],
  },
});
