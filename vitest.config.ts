import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Native add-ons and process-wide state of TensorFlow do not live well in shared threads.
    pool: 'forks',
    // Many tests wait for processes of their own, so as many files at once as there are cores, not one less.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A test that must not run says why: ctx.skip('reason').
    allowOnly: false,
  },
});
