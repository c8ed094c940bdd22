import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf, NasError, requirePlainFile } from '../../core/index.js';
import { checkMeta, openCifar, readBatch, type CifarFacts } from './cifar10.js';
import { sharedExamples } from '../dataset.js';
import { download } from './download.js';
import { broken, isReadable } from '../files.js';
import type { GetOptions, GetResult } from './get-options.js';
import { appear, appearBytes } from '../write.js';

/** The publisher's address, from the data set's page. */
const publisher = 'https://www.cs.toronto.edu/~kriz/';

/** Fills `home` with the batch files from the first source that has them; see `getData`. */
export async function getCifar(
  home: string,
  options: GetOptions,
  facts: CifarFacts,
): Promise<GetResult['source']> {
  const { from, signal } = options;
  const report = (text: string, done: number | null = null): void => options.onProgress?.({ text, done });
  if (from !== undefined) {
    report(`copying from ${from}`);
    await unpackInto(home, from, facts);
    return 'folder';
  }
  report('looking for the files');
  if ((await cifarProblem(home, facts)) === null) return 'present';
  const base = options.mirror ?? publisher;
  const { name, bytes } = facts.archive;
  const url = new URL(name, base.endsWith('/') ? base : `${base}/`).href;
  const inbox = join(home, 'download');
  try {
    await appear(join(inbox, name), async (temporary) => {
      report(`downloading ${name}`, 0);
      await download(url, temporary, {
        limit: bytes,
        onProgress: (done) => report(`downloading ${name}`, done),
        ...(signal === undefined ? {} : { signal }),
      });
      await checkArchive(temporary, facts, `download it again; it came from ${url}`);
    });
    report('unpacking');
    await unpackInto(home, inbox, facts);
  } catch (error) {
    if (!(error instanceof NasError) || error.code !== 'NAS_DATA_DOWNLOAD') throw error;
    throw new NasError({
      code: 'NAS_DATA_DOWNLOAD',
      found: messageOf(error),
      expected: `${name} from somewhere`,
      fix: `fetch it otherwise, then run: npx nas data get ${facts.name} --from FOLDER`,
      cause: error,
    });
  } finally {
    await rm(inbox, { recursive: true, force: true });
  }
  return 'download';
}

/** What is wrong with the files in a folder, or null when all are there and of the right size and labels. */
export async function cifarProblem(home: string, facts: CifarFacts): Promise<string | null> {
  try {
    await checkBatches(home, facts);
    return null;
  } catch (error) {
    if (!(error instanceof NasError)) throw error;
    return messageOf(error);
  }
}

async function checkBatches(home: string, facts: CifarFacts) {
  const names = [...facts.train, ...facts.test];
  const files = await openCifar(home, names, facts);
  const scratch = sharedExamples(facts.perBatch, [32, 32, 3]);
  for (const { path, bytes } of files) readBatch(bytes, path, facts, scratch, 0);
  await checkMeta(home, facts);
  return files;
}

/** Copies the batch files of a folder, loose or in the archive, into `home`. Nothing is written before all are checked. */
async function unpackInto(home: string, from: string, facts: CifarFacts): Promise<void> {
  const archive = join(from, facts.archive.name);
  if (await isReadable(archive)) await checkArchive(archive, facts, `fetch ${facts.archive.name} again`);
  const files = await checkBatches(from, facts);
  const names = [...facts.train, ...facts.test];
  for (const [index, { bytes }] of files.entries()) await appearBytes(join(home, names[index] ?? ''), bytes);
}

async function checkArchive(path: string, facts: CifarFacts, fix: string): Promise<void> {
  const hash = createHash('sha256');
  requirePlainFile(path);
  await pipeline(createReadStream(path), hash);
  const found = hash.digest('hex');
  if (found !== facts.archive.sha256)
    throw broken(path, `SHA-256 ${found.slice(0, 16)}…`, `${facts.archive.sha256.slice(0, 16)}…`, fix);
}
