// Writes what docs/ says of commands, choices, defaults and the database from the compiled sources, between markers.
// With --check it changes nothing and fails where a page is stale, a code or an environment variable is not
// documented, or a link leads nowhere.
import './lib/node-version.mjs';

const { readdirSync, readFileSync, writeFileSync } = await import('node:fs');
const { dirname, join } = await import('node:path');
const { fileURLToPath } = await import('node:url');
const { generators } = await import('./lib/reference.mjs');
const { problemsOf } = await import('./lib/docs-problems.mjs');
const prettier = await import('prettier');

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BLOCK = /(<!-- generated: ([a-z0-9-]+) -->\n)[\s\S]*?(<!-- end -->)/g;

const check = process.argv.includes('--check');
const problems = problemsOf(ROOT);
const parts = await generators(ROOT);
const used = new Set();

for (const name of readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'))) {
  const path = join(ROOT, 'docs', name);
  const before = readFileSync(path, 'utf8');
  const filled = before.replace(BLOCK, (_, open, part, close) => {
    if (!Object.hasOwn(parts, part)) throw new Error(`docs/${name}: nothing generates ${part}`);
    used.add(part);
    return `${open}\n${parts[part]}\n\n${close}`;
  });
  const options = { ...(await prettier.resolveConfig(path)), filepath: path };
  const after = await prettier.format(filled, options);
  if (after === before) continue;
  if (check) problems.push(`docs/${name} is stale`);
  else {
    writeFileSync(path, after);
    console.log(`wrote docs/${name}`);
  }
}
for (const part of Object.keys(parts)) if (!used.has(part)) problems.push(`no page has the part ${part}`);

for (const problem of problems) console.error(problem);
if (problems.some((problem) => problem.endsWith('is stale')))
  console.error('fix: npm run build && node scripts/docs.mjs');
process.exitCode = problems.length === 0 ? 0 : 1;
