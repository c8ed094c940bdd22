// Results as JSON files next to the bench, formatted as every file of the repository.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';

/**
 * Writes `<part>.json` into `folder`, or among the committed results when it is empty.
 * @param bench whose: `train`, `latency`
 */
export async function writeResult(bench, folder, part, result) {
  const committed = fileURLToPath(new URL(`../${bench}/results`, import.meta.url));
  const home = folder === '' ? committed : resolve(folder);
  mkdirSync(home, { recursive: true });
  const options = await prettier.resolveConfig(join(committed, `${part}.json`));
  const text = await prettier.format(JSON.stringify(result), { ...options, parser: 'json' });
  writeFileSync(join(home, `${part}.json`), text);
}
