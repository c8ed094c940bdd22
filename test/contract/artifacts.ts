import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ArtifactStore } from '../../src/queue/index.js';

export interface OpenStore extends AsyncDisposable {
  readonly store: ArtifactStore;
  /** The same store, as another machine opens it. */
  readonly again: ArtifactStore;
  /** Puts other content in the place of an artifact. */
  damage(sha256: string, bytes: Uint8Array): Promise<void>;
  /** Names of all that lies in it. */
  names(): Promise<readonly string[]>;
}

/** What controller and workers rely on, wherever weights travel. */
export function describeArtifacts(name: string, open: () => Promise<OpenStore>): void {
  describe(name, () => {
    it('gives another machine what was put, once for equal content', async () => {
      await using opened = await open();
      const bytes = randomBytes(100_000);
      const ref = await opened.store.put(bytes);
      expect(ref).toMatchObject({ bytes: 100_000 });
      expect(await opened.again.put(bytes)).toEqual(ref);
      expect(await opened.names()).toHaveLength(1);
      expect(Buffer.compare(Buffer.from(await opened.again.get(ref)), bytes)).toBe(0);
      const empty = await opened.store.put(new Uint8Array());
      expect(await opened.again.get(empty)).toHaveLength(0);
    });

    it('keeps large content whole', async () => {
      await using opened = await open();
      const bytes = randomBytes(20 * 1024 * 1024 + 7);
      const ref = await opened.store.put(bytes);
      expect(Buffer.compare(Buffer.from(await opened.again.get(ref)), bytes)).toBe(0);
    });

    it('refuses content with another checksum, of the same size and of another one', async () => {
      await using opened = await open();
      const ref = await opened.store.put(randomBytes(1000));
      for (const size of [1000, 10]) {
        await opened.damage(ref.sha256, randomBytes(size));
        await expect(opened.again.get(ref)).rejects.toMatchObject({ code: 'NAS_ARTIFACT_DAMAGED' });
      }
    });

    it('says what is missing; what is removed is gone, and removing it again is no error', async () => {
      await using opened = await open();
      const ref = await opened.store.put(randomBytes(10));
      await opened.again.remove(ref);
      await opened.again.remove(ref);
      await expect(opened.store.get(ref)).rejects.toMatchObject({ code: 'NAS_ARTIFACT_MISSING' });
      expect(await opened.names()).toEqual([]);
    });

    it('takes the same content from several writers at the same time', async () => {
      await using opened = await open();
      const bytes = randomBytes(300_000);
      const refs = await Promise.all([opened.store, opened.again, opened.store].map((one) => one.put(bytes)));
      expect(new Set(refs.map(({ sha256 }) => sha256)).size).toBe(1);
      expect(await opened.again.get(refs[0] as (typeof refs)[number])).toHaveLength(300_000);
      expect(await opened.names()).toHaveLength(1);
    });
  });
}
