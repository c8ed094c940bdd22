import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expandHome, NasError } from '../../core/index.js';
import { folderStore } from './folder.js';
import { s3Store } from './s3.js';
import type { ArtifactStore } from './store.js';

export interface ArtifactOptions {
  /** URL of an S3 server that is not Amazon's. */
  readonly endpoint?: string | undefined;
}

/** A bucket's name by Amazon's rules, then what comes before all keys. */
const S3_ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9!_.*'()/-]{1,500}))?$/;

/**
 * The artifact store at an address: a folder, `file:///folder`, or `s3://BUCKET/PREFIX`.
 * @throws NasError `NAS_ARTIFACTS_ADDRESS`, `NAS_QUEUE_PACKAGE`
 */
export async function artifactStore(
  address: string,
  { endpoint }: ArtifactOptions = {},
): Promise<ArtifactStore> {
  if (address.startsWith('file:') && URL.canParse(address)) return folderStore(fileURLToPath(address));
  const [, bucket, prefix = ''] = S3_ADDRESS.exec(address) ?? [];
  if (bucket !== undefined) return s3Store({ bucket, prefix: prefix.replace(/\/+$/, ''), endpoint });
  const path = expandHome(address);
  if (/^[a-z0-9]{2,}:/i.test(address) && !isAbsolute(path)) {
    throw new NasError({
      code: 'NAS_ARTIFACTS_ADDRESS',
      found: `an artifact store ${address.split(':')[0] ?? ''}:…`,
      expected: 'a folder that every machine sees, or s3://BUCKET/PREFIX',
      fix: 'correct --artifacts',
    });
  }
  return folderStore(resolve(path));
}
