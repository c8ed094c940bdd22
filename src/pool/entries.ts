import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NasError } from '../core/index.js';

/**
 * The JavaScript file of a process or thread entry of this room. Where the sources run as TypeScript (tests),
 * Node cannot start them as they are, so the built file is taken.
 * @throws NasError `NAS_NOT_BUILT` when it has not been built
 */
export function entryFile(name: 'host' | 'worker'): string {
  const source = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(
    new URL(source ? `../../dist/pool/${name}.js` : `./${name}.js`, import.meta.url),
  );
  if (!existsSync(file))
    throw new NasError({
      code: 'NAS_NOT_BUILT',
      found: `no dist/pool/${name}.js`,
      expected: 'the built sources',
      fix: 'npx tsc -p tsconfig.build.json',
    });
  return file;
}
