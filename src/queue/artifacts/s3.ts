import type * as S3 from '@aws-sdk/client-s3';
import { messageOf } from '../../core/index.js';
import { packageMissing } from '../connection/package-missing.js';
import {
  artifactMissing,
  artifactsAway,
  keyOf,
  refOf,
  verified,
  type ArtifactRef,
  type ArtifactStore,
} from './store.js';
import { PART_BYTES } from './part-bytes.js';
import { putInParts } from './s3-parts.js';

/** Attempts at a request, with growing pauses. */
const ATTEMPTS = 5;

export interface S3Place {
  readonly bucket: string;
  /** Before all keys; empty for none. */
  readonly prefix: string;
  /** URL of a server that is not Amazon's. */
  readonly endpoint?: string | undefined;
}

/**
 * An artifact store in an S3 bucket. Credentials and region are those that the environment gives Amazon's own client.
 * @throws NasError `NAS_QUEUE_PACKAGE`
 */
export async function s3Store({ bucket, prefix, endpoint }: S3Place): Promise<ArtifactStore> {
  const s3 = await import('@aws-sdk/client-s3').catch((error: unknown) => {
    throw packageMissing('@aws-sdk/client-s3', error);
  });
  const client = clientFor(s3, endpoint);
  const address = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
  const at = (ref: ArtifactRef) => ({
    Bucket: bucket,
    Key: prefix === '' ? keyOf(ref) : `${prefix}/${keyOf(ref)}`,
  });

  async function isThere(ref: ArtifactRef): Promise<boolean> {
    try {
      const { ContentLength } = await client.send(new s3.HeadObjectCommand(at(ref)));
      return ContentLength === ref.bytes;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  /** The bytes from `from` on, at most a part of them. */
  async function part(ref: ArtifactRef, from: number): Promise<Uint8Array> {
    const range = ref.bytes <= PART_BYTES ? {} : { Range: `bytes=${from}-${from + PART_BYTES - 1}` };
    const { Body } = await client.send(new s3.GetObjectCommand({ ...at(ref), ...range }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  }

  return {
    address,
    async put(bytes) {
      const ref = refOf(bytes);
      try {
        if (await isThere(ref)) return ref;
        if (bytes.length <= PART_BYTES)
          await client.send(new s3.PutObjectCommand({ ...at(ref), Body: bytes }));
        // Another writer of the same content may have completed the upload that both work on.
        else
          await putInParts(s3, client, at(ref), bytes).catch(async (error: unknown) => {
            if (!(await isThere(ref))) throw error;
          });
        return ref;
      } catch (error) {
        throw artifactsAway(address, describe(error), error);
      }
    },
    async get(ref) {
      const parts: Uint8Array[] = [];
      try {
        let read = 0;
        do {
          const next = await part(ref, read);
          parts.push(next);
          read += next.length;
          if (next.length === 0) break;
        } while (read < ref.bytes);
      } catch (error) {
        if (nameOf(error) === 'NoSuchKey') throw artifactMissing(ref, address);
        // It ends before it should.
        if (statusOf(error) !== 416) throw artifactsAway(address, describe(error), error);
      }
      return verified(ref, Buffer.concat(parts), address);
    },
    async remove(ref) {
      await client.send(new s3.DeleteObjectCommand(at(ref))).catch(() => undefined);
    },
  };
}

function clientFor(s3: typeof S3, endpoint: string | undefined): S3.S3Client {
  return new s3.S3Client({
    maxAttempts: ATTEMPTS,
    // What is read is held against its SHA-256; servers that are not Amazon's know few of the SDK's own checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true, region: 'us-east-1' }),
  });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function describe(error: unknown): string {
  return [nameOf(error), messageOf(error)].filter((text) => text !== '').join(': ');
}
