import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../process/index.js';

/**
 * Says to node-gyp where this Node's headers are, where they lie next to it, as in most installations; null: it finds or
 * downloads them. Passed in the environment, since a nodedir of the user's npm settings goes before the option of that name,
 * and may be another Node's.
 */
export function nodeHeaders(program = process.execPath): Environment | null {
  const prefix = join(dirname(program), '..');
  // npm's package `node` has its binary in `bin` and the rest in the package for this system.
  const system = join(prefix, 'node_modules', `node-${process.platform}-${process.arch}`);
  const place = [prefix, system].find((folder) => existsSync(join(folder, 'include/node/node_api.h')));
  return place === undefined ? null : { npm_config_nodedir: place };
}
