// Results as JSON files beside the bench, formatted as every file of the repository.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';

const HOME = fileURLToPath(new URL('../results', import.meta.url));

/** Writes `<part>.json` into `folder`, or among the committed results when it is empty. */
export async function writeResult(folder, part, result) {
  const home = folder === '' ? HOME : resolve(folder);
  mkdirSync(home, { recursive: true });
  const options = await prettier.resolveConfig(join(HOME, `${part}.json`));
  const text = await prettier.format(JSON.stringify(result), { ...options, parser: 'json' });
  writeFileSync(join(home, `${part}.json`), text);
}
