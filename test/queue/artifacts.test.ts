import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'vitest';
import { artifactStore } from '../../src/queue/index.js';
import { describeArtifacts } from '../contract/artifacts.js';
import { temporaryFolder } from '../pool/helpers.js';

describe('artifact stores', () => {
  describeArtifacts('a shared folder', async () => {
    const folder = temporaryFolder();
    return {
      ...{ store: await artifactStore(folder.path), again: await artifactStore(`file://${folder.path}`) },
      damage: (sha256, bytes) => writeFile(join(folder.path, sha256.slice(0, 2), sha256), bytes),
      names: async () =>
        (await readdir(folder.path, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map(({ name }) => name),
      [Symbol.asyncDispose]: () => Promise.resolve(folder[Symbol.dispose]()),
    };
  });
});
