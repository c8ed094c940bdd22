import { createHash } from 'node:crypto';
import { z } from 'zod';
import { NasError } from '../../core/index.js';

/** What an artifact is called: its content. */
export const artifactRefSchema = z
  .strictObject({
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256'),
    bytes: z
      .int()
      .min(0)
      .max(64 * 1024 ** 3),
  })
  .readonly();
export type ArtifactRef = z.infer<typeof artifactRefSchema>;

/**
 * Where weights, training states and data travel between machines. An artifact is there whole or not at all, and the
 * same content is kept once. What is read is held against its reference.
 */
export interface ArtifactStore {
  /** Where it is, without credentials; another machine opens it by this text. */
  readonly address: string;
  /** Writes the content, unless it is there. @throws NasError `NAS_ARTIFACTS`, which may pass */
  put(bytes: Uint8Array): Promise<ArtifactRef>;
  /** @throws NasError `NAS_ARTIFACTS`, which may pass; `NAS_ARTIFACT_MISSING`; `NAS_ARTIFACT_DAMAGED` */
  get(ref: ArtifactRef): Promise<Uint8Array>;
  /** Removes it; one that is not there is no error. */
  remove(ref: ArtifactRef): Promise<void>;
}

export function refOf(bytes: Uint8Array): ArtifactRef {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

/** @throws NasError `NAS_ARTIFACT_DAMAGED` where the content is not what the reference names */
export function verified(ref: ArtifactRef, bytes: Uint8Array, address: string): Uint8Array {
  const found = refOf(bytes);
  if (found.sha256 === ref.sha256) return bytes;
  throw new NasError({
    code: 'NAS_ARTIFACT_DAMAGED',
    found: `artifact ${ref.sha256.slice(0, 12)} in ${address} has ${found.bytes} bytes with another checksum`,
    expected: `${ref.bytes} bytes as they were written`,
    fix: 'remove it there; what it was made from writes it again',
  });
}

export function artifactMissing(ref: ArtifactRef, address: string): NasError {
  return new NasError({
    code: 'NAS_ARTIFACT_MISSING',
    found: `artifact ${ref.sha256.slice(0, 12)} is not in ${address}`,
    expected: 'the same artifact store for the controller and all workers',
    fix: 'give each of them the same --artifacts',
    fault: 'permanent',
  });
}

export function artifactsAway(address: string, what: string, cause: unknown): NasError {
  return new NasError({
    code: 'NAS_ARTIFACTS',
    found: `the artifact store ${address}: ${what}`,
    expected: 'a store that can be read and written',
    fix: 'check that it runs, that it has room, and the rights to it',
    cause,
    fault: 'transient',
  });
}

/** Where an artifact lies below the store's root. */
export function keyOf({ sha256 }: ArtifactRef): string {
  return `${sha256.slice(0, 2)}/${sha256}`;
}
