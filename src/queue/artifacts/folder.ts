import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, moveInto, readPlainFile } from '../../core/index.js';
import { artifactMissing, artifactsAway, keyOf, refOf, verified, type ArtifactStore } from './store.js';

let drafts = 0;

/** An artifact store in a folder that every machine sees. */
export function folderStore(folder: string): ArtifactStore {
  const address = folder;
  return {
    address,
    async put(bytes) {
      const ref = refOf(bytes);
      const file = join(folder, keyOf(ref));
      try {
        const size = await stat(file).then(
          (found) => found.size,
          () => -1,
        );
        if (size === ref.bytes) return ref;
        await mkdir(dirname(file), { recursive: true });
        const draft = `${file}.${process.pid}-${++drafts}.partial`;
        try {
          await writeFile(draft, bytes);
          await moveInto(draft, file);
        } catch (error) {
          await rm(draft, { force: true });
          throw error;
        }
        return ref;
      } catch (error) {
        throw artifactsAway(address, messageOf(error), error);
      }
    },
    async get(ref) {
      let bytes: Uint8Array;
      try {
        bytes = await readPlainFile(join(folder, keyOf(ref)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw artifactMissing(ref, address);
        throw artifactsAway(address, messageOf(error), error);
      }
      return verified(ref, bytes, address);
    },
    async remove(ref) {
      await rm(join(folder, keyOf(ref)), { force: true }).catch(() => undefined);
    },
  };
}
