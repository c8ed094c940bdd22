import { writeFileSync } from 'node:fs';
import { skipReason } from './skips.mjs';

/** Writes how many tests passed and failed, and which were skipped and why, to the file NAS_TEST_COUNTS. */
export default class CountingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const result = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
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
