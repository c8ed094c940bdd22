import { writeFileSync } from 'node:fs';
import { skipReason } from './skips.mjs';

/**
 * Writes how many tests passed and failed, which were skipped and why, and the seconds that each file took, loading included, to
 * the file NAS_TEST_COUNTS.
 */
export default class CountingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const result = { passed: 0, failed: unhandledErrors.length, skipped: [], seconds: {} };
    for (const module of modules) {
      const { collectDuration, duration, setupDuration } = module.diagnostic();
      result.seconds[module.relativeModuleId] = Math.ceil(
        (collectDuration + duration + setupDuration) / 1000,
      );
      // A file that cannot be loaded has no tests that could fail.
      if (module.errors().length > 0) result.failed++;
      // Nor does one whose set-up fails count: its tests are skipped.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) result.failed++;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'passed') result.passed++;
        else if (state === 'failed') result.failed++;
        else result.skipped.push({ name: test.fullName, reason: skipReason(test.fullName, note) });
      }
    }
    if (process.env.NAS_TEST_COUNTS) writeFileSync(process.env.NAS_TEST_COUNTS, JSON.stringify(result));
  }
}
