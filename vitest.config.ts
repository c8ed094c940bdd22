import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Native add-ons and process-wide state of TensorFlow do not live well in shared threads.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A test that must not run says why: ctx.skip('reason').
    allowOnly: false,
  },
});
