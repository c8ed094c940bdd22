// npm run example NAME [ARG ...]: one of examples/*.ts, transpiled into dist/examples and run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [name = '', ...args] = process.argv.slice(2);
const names = readdirSync(join(root, 'examples'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (!names.includes(name)) {
  console.error(`no example ${JSON.stringify(name)}; expected one of ${names.join(', ')}`);
  process.exit(2);
}
if (!existsSync(join(root, 'dist/index.js'))) {
  console.error('the library is not built. fix: npm run build');
  process.exit(2);
}
const target = join(root, 'dist/examples', `${name}.mjs`);
mkdirSync(dirname(target), { recursive: true });
const { outputText } = ts.transpileModule(readFileSync(join(root, 'examples', `${name}.ts`), 'utf8'), {
  compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
});
writeFileSync(target, outputText);
process.exitCode = spawnSync(process.execPath, [target, ...args], { stdio: 'inherit' }).status ?? 1;
