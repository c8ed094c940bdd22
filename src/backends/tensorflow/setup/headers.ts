import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from '../../../process/index.js';

/**
 * Says to node-gyp where this Node's headers are, where they lie next to it, as in most installations; null: it finds or
 * downloads them. Passed in the environment, since a nodedir of the user's npm settings goes before the option of that name,
 * and may be another Node's.
 */
export function nodeHeaders(): Environment | null {
  const prefix = resolve(process.execPath, '../..');
  return existsSync(join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : null;
}
