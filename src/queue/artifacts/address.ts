import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expandHome, NasError } from '../../core/index.js';
import { folderStore } from './folder.js';
import type { ArtifactStore } from './store.js';

/**
 * The artifact store at an address: a folder or `file:///folder`.
 * @throws NasError `NAS_ARTIFACTS_ADDRESS`
 */
export function artifactStore(address: string): Promise<ArtifactStore> {
  if (address.startsWith('file:') && URL.canParse(address))
    return Promise.resolve(folderStore(fileURLToPath(address)));
  const path = expandHome(address);
  if (/^[a-z0-9]{2,}:/i.test(address) && !isAbsolute(path)) {
    throw new NasError({
      code: 'NAS_ARTIFACTS_ADDRESS',
      found: `an artifact store ${address.split(':')[0] ?? ''}:…`,
      expected: 'a folder that every machine sees',
      fix: 'correct --artifacts',
    });
  }
  return Promise.resolve(folderStore(resolve(path)));
}
