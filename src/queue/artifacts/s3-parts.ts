import type * as S3 from '@aws-sdk/client-s3';
import { PART_BYTES } from './part-bytes.js';

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** Writes large content in parts; one that an earlier attempt has begun is continued with the parts that it lacks. */
export async function putInParts(
  s3: typeof S3,
  client: S3.S3Client,
  place: Place,
  bytes: Uint8Array,
): Promise<void> {
  const { uploadId, parts } = await begunOrNew(s3, client, place);
  const all: S3.CompletedPart[] = [];
  for (let from = 0, number = 1; from < bytes.length; from += PART_BYTES, number++) {
    const body = bytes.subarray(from, from + PART_BYTES);
    const before = parts.find(({ PartNumber, Size }) => PartNumber === number && Size === body.length);
    const sent = await (before ??
      client.send(
        new s3.UploadPartCommand({ ...place, UploadId: uploadId, PartNumber: number, Body: body }),
      ));
    all.push({ PartNumber: number, ...(sent.ETag === undefined ? {} : { ETag: sent.ETag }) });
  }
  await client.send(
    new s3.CompleteMultipartUploadCommand({
      ...place,
      UploadId: uploadId,
      MultipartUpload: { Parts: all },
    }),
  );
}

interface Upload {
  readonly uploadId: string;
  readonly parts: readonly S3.Part[];
}

async function begunOrNew(s3: typeof S3, client: S3.S3Client, place: Place): Promise<Upload> {
  const begun = await begunUpload(s3, client, place);
  if (begun !== undefined) return begun;
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand(place));
  return { uploadId: UploadId ?? '', parts: [] };
}

/** Undefined where there is none, and on a server that does not list them. */
async function begunUpload(
  s3: typeof S3,
  client: S3.S3Client,
  { Bucket, Key }: Place,
): Promise<Upload | undefined> {
  try {
    const { Uploads = [] } = await client.send(new s3.ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
    const uploadId = Uploads.find((one) => one.Key === Key)?.UploadId;
    if (uploadId === undefined) return undefined;
    const { Parts = [] } = await client.send(new s3.ListPartsCommand({ Bucket, Key, UploadId: uploadId }));
    return { uploadId, parts: Parts };
  } catch {
    return undefined;
  }
}
