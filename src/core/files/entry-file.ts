import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NasError } from '../errors.js';

/**
 * The JavaScript file of a process or thread entry that lies next to the caller. Where the sources run as TypeScript
 * (tests), Node cannot start them directly, so the built file is taken.
 * @param here the caller's `import.meta.url`
 * @throws NasError `NAS_NOT_BUILT` when it has not been built
 */
export function entryFile(here: string, name: string): string {
  const built = here.endsWith('.ts') ? here.replace(/\/src\/(?!(?:.*\/)?src\/)/, '/dist/') : here;
  const file = fileURLToPath(new URL(`${name}.js`, built));
  if (existsSync(file)) return file;
  throw new NasError({
    code: 'NAS_NOT_BUILT',
    found: `no ${file.slice(file.lastIndexOf('/dist/') + 1)}`,
    expected: 'the built sources',
    fix: 'npm run build',
  });
}
