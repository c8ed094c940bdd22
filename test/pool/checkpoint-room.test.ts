import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeCheckpoint } from '../../src/pool/index.js';
import { temporaryFolder } from './helpers.js';

describe('a checkpoint on a disk that filled since the training began', () => {
  const NAME = 'trial-1.weights';
  const bytes = new Uint8Array(1000).fill(7);

  it('is refused before a byte of it is written, as a fault that is waited out', async () => {
    using folder = temporaryFolder();
    await expect(writeCheckpoint(folder.path, NAME, bytes, () => 999)).rejects.toMatchObject({
      code: 'NAS_DISK_FULL',
      fault: 'transient',
      found: `no space left to write ${NAME}: 999 B are free for ${folder.path}`,
      expected: '1000 B',
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('leaves the last one as it was', async () => {
    using folder = temporaryFolder();
    await writeCheckpoint(folder.path, NAME, bytes, () => 1000);
    const newer = new Uint8Array(1000).fill(8);
    await expect(writeCheckpoint(folder.path, NAME, newer, () => 0)).rejects.toThrow();
    expect(new Uint8Array(readFileSync(join(folder.path, NAME)))).toEqual(bytes);
    expect(readdirSync(folder.path)).toEqual([NAME]);
  });

  it('where the folder is gone, fails with what the write finds', async () => {
    using folder = temporaryFolder();
    const gone = join(folder.path, 'gone');
    await expect(writeCheckpoint(gone, NAME, bytes)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a checkpoint that is written several times concurrently', () => {
  it('is whole, and one of them', async () => {
    using folder = temporaryFolder();
    const drafts = Array.from({ length: 8 }, (_, i) => new Uint8Array(100_000).fill(i));
    await Promise.all(drafts.map((bytes) => writeCheckpoint(folder.path, 'trial-1.weights', bytes)));
    const found = new Uint8Array(readFileSync(join(folder.path, 'trial-1.weights')));
    expect(found).toEqual(drafts[found[0]!]);
    expect(readdirSync(folder.path)).toEqual(['trial-1.weights']);
  });
});
