import { copyFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NasError, messageOf } from '../../core/index.js';
import { withPackage } from './debian.js';
import { download } from './download.js';
import { broken, findFile, missing, readUnpacked, sha256 } from '../files.js';
import type { DataFile, IdxFacts } from './fashion-mnist.js';
import type { GetOptions, GetResult, Surroundings } from './get-options.js';
import { appear } from '../write.js';

/** The publisher's address, from the data set's read-me. */
const publisher = 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/';
const debianPackage = 'dataset-fashion-mnist';

/** Fills `home` from the first source that has the files; see `getData`. */
export async function getIdx(
  home: string,
  options: GetOptions,
  facts: IdxFacts,
  around: Surroundings,
): Promise<GetResult['source']> {
  const { from, signal } = options;
  const report = (text: string, done: number | null = null): void => options.onProgress?.({ text, done });
  const files = [facts.train.images, facts.train.labels, facts.test.images, facts.test.labels];

  if (from !== undefined) {
    report(`copying from ${from}`);
    await copyAll(files, from, home, `put the publisher's files into ${from}`);
    return 'folder';
  }
  report('looking for the files');
  if ((await problemOf(files, home)) === null) return 'present';

  const tried: string[] = [];
  if ((await problemOf(files, around.debianFolder)) === null) {
    report(`copying from ${around.debianFolder}`);
    await copyAll(files, around.debianFolder, home, `reinstall ${debianPackage}`);
    return 'debian';
  }
  if (options.mayDownloadPackage) {
    report(
      `downloading Debian's package ${debianPackage} and unpacking it into ${home}; nothing is installed`,
    );
    const { env = {} } = options;
    const why = await withPackage(debianPackage, dirname(home), { env, run: around.run, signal }, (root) =>
      copyAll(files, join(root, around.debianFolder), home, 'use another mirror of Debian'),
    );
    signal?.throwIfAborted();
    if (why === null) return 'debian';
    tried.push(`Debian's package: ${why}`);
  }

  const base = options.mirror ?? publisher;
  try {
    for (const file of files) {
      const name = `${file.name}.gz`;
      const url = new URL(name, base.endsWith('/') ? base : `${base}/`).href;
      await appear(join(home, name), async (temporary) => {
        report(`downloading ${name}`, 0);
        await download(url, temporary, {
          limit: file.bytes + 2 ** 16,
          onProgress: (done) => report(`downloading ${name}`, done),
          ...(signal === undefined ? {} : { signal }),
        });
        await check(file, temporary, true, `download it again; it came from ${url}`);
      });
      await rm(join(home, file.name), { force: true });
    }
    return 'download';
  } catch (error) {
    if (!(error instanceof NasError) || error.code !== 'NAS_DATA_DOWNLOAD') throw error;
    throw new NasError({
      code: 'NAS_DATA_DOWNLOAD',
      found: [...tried, messageOf(error)].join('; '),
      expected: `the files of ${facts.name} from somewhere`,
      fix: `install the package ${debianPackage}, or run: npx nas data get ${facts.name} --from FOLDER`,
      cause: error,
    });
  }
}

/** What is wrong with the files in a folder, or null when all are there and right. */
export async function problemOf(files: readonly DataFile[], folder: string): Promise<string | null> {
  for (const file of files) {
    const path = await findFile(folder, file.name);
    if (path === undefined) return `no ${join(folder, file.name)}`;
    const problem = await check(file, path, path.endsWith('.gz'), '').then(
      () => null,
      (error: unknown) => messageOf(error),
    );
    if (problem !== null) return problem;
  }
  return null;
}

async function copyAll(files: readonly DataFile[], from: string, home: string, fix: string): Promise<void> {
  for (const file of files) {
    const path = await findFile(from, file.name);
    if (path === undefined)
      throw missing(`no ${join(from, file.name)}`, 'the file, or the same with .gz', fix);
    await check(file, path, path.endsWith('.gz'), fix);
    const packed = `${file.name}.gz`;
    await appear(join(home, basename(path)), (temporary) => copyFile(path, temporary));
    // An older file in the other form would be read in place of the new one.
    await rm(join(home, basename(path) === packed ? file.name : packed), { force: true });
  }
}

/** @throws NasError `NAS_DATA_BROKEN` unless the content is the publisher's */
async function check(file: DataFile, path: string, packed: boolean, fix: string): Promise<void> {
  const bytes = await readUnpacked(path, file.bytes, fix, packed);
  if (bytes.length !== file.bytes)
    throw broken(path, `${bytes.length} bytes of content`, `${file.bytes} bytes`, fix);
  const found = sha256(bytes);
  if (found !== file.sha256)
    throw broken(path, `content with SHA-256 ${found.slice(0, 16)}…`, `${file.sha256.slice(0, 16)}…`, fix);
}
