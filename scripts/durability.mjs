// npm run test:durability: the durability tests and every test that reports figures, with all repetitions; prints what was done and how often
// something was lost or let through, and keeps it in bench/durability/figures.json, from which `npm run docs` makes the
// table in docs/trust.md. Words after -- choose files by a part of their path; the figures of the others are kept.
import './lib/node-version.mjs';

const { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = await import('node:fs');
const { tmpdir } = await import('node:os');
const { join, relative } = await import('node:path');
const { ROOT } = await import('./lib/bootstrap.mjs');
const { FIGURES_FILE, readFigures, summaryLines } = await import('./lib/durability.mjs');
const { machine } = await import('../bench/lib/machine.mjs');
const { passThrough } = await import('./lib/run.mjs');

const wanted = process.argv.slice(2);
const all = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .map((name) => join('test', name))
  .filter((name) => name.endsWith('.test.ts') && reports(name))
  .sort();
const chosen = wanted.length === 0 ? all : all.filter((name) => wanted.some((part) => name.includes(part)));
if (chosen.length === 0) {
  console.error(`no such test has ${wanted.join(' or ')} in its path; there are:\n${all.join('\n')}`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'nas-durability-'));
const lines = join(folder, 'figures');
writeFileSync(lines, '');
const code = await passThrough(process.execPath, [join(ROOT, 'scripts/test.mjs'), ...chosen], {
  cwd: ROOT,
  env: { ...process.env, NAS_DURABILITY_FIGURES: lines },
});
const records = readFileSync(lines, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
rmSync(folder, { recursive: true });

const here = machine({});
const earlier = readFigures();
const figures = {
  command: 'npm run test:durability',
  machine: here,
  // Of each file's figures: those of files that were not chosen are of an earlier one.
  commits: Object.fromEntries(
    all.map((name) => [
      name,
      chosen.includes(name) ? here.commit : (earlier.commits?.[name] ?? earlier.machine?.commit),
    ]),
  ),
  files: Object.fromEntries(all.map((name) => [name, chosen.includes(name) ? ofFile(name) : kept(name)])),
};
for (const line of summaryLines(figures)) console.log(line);
if (code === 0) {
  writeFileSync(FIGURES_FILE, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`written to ${relative(ROOT, FIGURES_FILE)}; npm run docs puts it into docs/trust.md`);
} else console.log('a test failed: figures are not kept');
process.exitCode = code;

function reports(name) {
  return (
    name.endsWith('.durability.test.ts') ||
    /from '(\.\.\/)+durability\.js'/.test(readFileSync(join(ROOT, name), 'utf8'))
  );
}

function kept(name) {
  return earlier.files[name] ?? {};
}

/** Sums of a file's records: attack → how often, trials compared, how often something did not hold. */
function ofFile(name) {
  const sums = {};
  for (const { file, attack, times, trials, broken, seed } of records) {
    if (relative(ROOT, file) !== name) continue;
    const sum = (sums[attack] ??= { times: 0, broken: 0 });
    sum.times += times;
    sum.broken += broken;
    if (trials !== undefined) sum.trials = (sum.trials ?? 0) + trials;
    if (seed !== undefined) sum.seeds = [...new Set([...(sum.seeds ?? []), seed])];
  }
  return sums;
}
