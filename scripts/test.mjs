// npm test: makes everything ready, runs vitest with the arguments given, and ends with `N passed, N failed`.
import './lib/node-version.mjs';

const { bootstrapOrExit, ROOT } = await import('./lib/bootstrap.mjs');
const { mkdtempSync, readFileSync, rmSync } = await import('node:fs');
const { tmpdir } = await import('node:os');
const { join } = await import('node:path');
const { passThrough } = await import('./lib/run.mjs');
const { refusedSkips } = await import('./lib/skips.mjs');

await bootstrapOrExit({ natives: true });
const folder = mkdtempSync(join(tmpdir(), 'nas-test-'));
const counts = join(folder, 'counts.json');
const reporters = ['--reporter=default', '--reporter=./scripts/lib/counting-reporter.mjs'];
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
const code = await passThrough(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
  cwd: ROOT,
  env: { ...process.env, NAS_TEST_COUNTS: counts },
});
const { passed, failed, skipped } = read();
rmSync(folder, { recursive: true });
for (const { name, reason } of skipped) console.log(`skipped: ${name} (${reason ?? 'no reason given'})`);
const refused = process.env.CI === undefined ? [] : refusedSkips(skipped, process.env.NAS_CI_LACKS);
for (const { name } of refused)
  console.log(`failed: ${name} was skipped, and CI accepts no skip for that reason`);
if (skipped.length > 0) console.log(`${skipped.length} skipped, ${refused.length} of them count as failed`);
console.log(`${passed} passed, ${failed + refused.length} failed`);
process.exitCode = failed + refused.length > 0 ? 1 : code;

/** A run that broke off without counts, or ended badly with nothing counted as failed, is one failure. */
function read() {
  let result = { passed: 0, failed: 0, skipped: [] };
  try {
    result = JSON.parse(readFileSync(counts, 'utf8'));
  } catch {
    // Nothing was counted.
  }
  return code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
}
