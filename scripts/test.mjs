// npm test: makes everything ready, runs vitest with the arguments given, and ends with `N passed, N failed`. Without any,
// all but the durability tests run, which `npm run test:durability` is for. With `--project unit` nothing needs to be built; `--seconds` keeps how long the files take, by which they are sorted.
import './lib/node-version.mjs';

const { bootstrapOrExit, ROOT } = await import('./lib/bootstrap.mjs');
const { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = await import('node:fs');
const { tmpdir } = await import('node:os');
const { join } = await import('node:path');
const { passThrough } = await import('./lib/run.mjs');
const { refusedSkips } = await import('./lib/skips.mjs');

const args = process.argv.slice(2).filter((word) => word !== '--seconds');
const keepSeconds = process.argv.includes('--seconds');
const projects = args.join(' ').match(/--project[= ]\S+/g) ?? [];
if (args.length === 0) args.push('--project=!durability');
const unitOnly = projects.length > 0 && projects.every((words) => words.endsWith('unit'));

await bootstrapOrExit({ natives: !unitOnly });
const folder = mkdtempSync(join(tmpdir(), 'nas-test-'));
const counts = join(folder, 'counts.json');
const reporters = ['--reporter=default', '--reporter=./scripts/lib/counting-reporter.mjs'];
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
const code = await passThrough(process.execPath, [vitest, 'run', ...reporters, ...args], {
  cwd: ROOT,
  env: { ...process.env, NAS_TEST_COUNTS: counts },
});
const { passed, failed, skipped, seconds } = read();
rmSync(folder, { recursive: true });
if (keepSeconds) await keep(seconds);
const slowest = Object.entries(seconds).sort(([, a], [, b]) => b - a);
for (const [file, took] of slowest.slice(0, 5)) console.log(`slowest: ${took} s ${file}`);
for (const { name, reason } of skipped) console.log(`skipped: ${name} (${reason ?? 'no reason given'})`);
const refused = process.env.CI === undefined ? [] : refusedSkips(skipped, process.env.NAS_CI_LACKS);
for (const { name } of refused)
  console.log(`failed: ${name} was skipped, and CI accepts no skip for that reason`);
if (skipped.length > 0) console.log(`${skipped.length} skipped, ${refused.length} of them count as failed`);
console.log(`${passed} passed, ${failed + refused.length} failed`);
process.exitCode = failed + refused.length > 0 ? 1 : code;

/** A run that broke off without counts, or ended badly with nothing counted as failed, is one failure. */
function read() {
  let result = { passed: 0, failed: 0, skipped: [], seconds: {} };
  try {
    result = JSON.parse(readFileSync(counts, 'utf8'));
  } catch {
    // Nothing was counted.
  }
  return code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
}

/** Adds what was measured to the committed table, without files that are gone or quick. */
async function keep(measured) {
  const { LISTED_FROM, SECONDS_FILE } = await import('./lib/longest-first.mjs');
  const before = existsSync(SECONDS_FILE) ? JSON.parse(readFileSync(SECONDS_FILE, 'utf8')) : {};
  const all = Object.entries({ ...before, ...measured });
  const listed = all.filter(([file, took]) => took >= LISTED_FROM && existsSync(join(ROOT, file)));
  const sorted = Object.fromEntries(listed.sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(SECONDS_FILE, `${JSON.stringify(sorted, null, 2)}\n`);
}
