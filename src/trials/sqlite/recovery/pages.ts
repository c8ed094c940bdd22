import { existsSync, readFileSync } from 'node:fs';

/**
 * A page as it was found in the file or its write-ahead log; later ones know more. `read` gives the page of a number as
 * it stood together with this one.
 */
export interface Page {
  readonly bytes: Buffer;
  /** Where the page's own header begins: 100 on the first page, behind the file's header. */
  readonly start: number;
  readonly read: (number: number) => Buffer | undefined;
}

interface Frame {
  readonly number: number;
  readonly bytes: Buffer;
}

const FRAME_HEADER = 24;
const WAL_HEADER = 32;
/** What better-sqlite3 makes; for a file whose header is unreadable. */
const USUAL_PAGE = 4096;

/**
 * Every page of a database, then those of its write-ahead log, in the order in which they were written (file formats:
 * sqlite.org/fileformat2.html). Nothing is opened by SQLite, and nothing is changed. Free pages are left out: what they
 * hold is outdated.
 */
export function pagesOf(path: string): readonly Page[] {
  const file = readFileSync(path);
  const log = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0);
  const size = pageSizeOf(file, log);
  const count = Math.ceil(file.length / size);
  const inFile = (number: number): Buffer | undefined =>
    number >= 1 && number <= count ? whole(file, (number - 1) * size, size) : undefined;
  const { committed, beyond } = framesOf(log, size);
  const overlaid = (frames: readonly Frame[]): Page['read'] => {
    const latest = new Map(frames.map(({ number, bytes }) => [number, bytes]));
    return (number) => latest.get(number) ?? inFile(number);
  };
  const read = overlaid(committed);
  const readBeyond = overlaid([...committed, ...beyond]);
  const free = freePages(read, count);
  const page = (number: number, bytes: Buffer | undefined, reads: Page['read']): Page[] =>
    bytes === undefined ? [] : [{ bytes, start: number === 1 ? 100 : 0, read: reads }];
  return [
    ...Array.from({ length: count }, (_, i) => i + 1).flatMap((number) =>
      free.has(number) ? [] : page(number, inFile(number), read),
    ),
    ...committed.flatMap(({ number, bytes }) => page(number, bytes, read)),
    ...beyond.flatMap(({ number, bytes }) => page(number, bytes, readBeyond)),
  ];
}

function legalSize(size: number): boolean {
  return size >= 512 && size <= 65_536 && (size & (size - 1)) === 0;
}

function pageSizeOf(file: Buffer, log: Buffer): number {
  const stated = file.length >= 18 ? file.readUInt16BE(16) : 0;
  const inHeader = stated === 1 ? 65_536 : stated;
  if (file.toString('latin1', 0, 15) === 'SQLite format 3' && legalSize(inHeader)) return inHeader;
  const inLog = log.length >= WAL_HEADER ? log.readUInt32BE(8) : 0;
  return legalSize(inLog) ? inLog : USUAL_PAGE;
}

/** The last page of a file that was cut may be short; what is missing reads as zero. */
function whole(file: Buffer, from: number, size: number): Buffer {
  const bytes = file.subarray(from, from + size);
  return bytes.length === size ? bytes : Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
}

interface Frames {
  /** Up to the last commit that SQLite would take. */
  readonly committed: readonly Frame[];
  /** Where one was damaged after it was written: those from there on, which SQLite would drop without a word. */
  readonly beyond: readonly Frame[];
}

/**
 * Whether a frame of the log was damaged after it was written: its own sum is wrong, but the next frame's, which counts
 * on from it, is right. The last frame of a killed writer, cut short, is no damage.
 */
export function logIsDamaged(path: string): boolean {
  const log = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0);
  const size = log.length >= WAL_HEADER ? log.readUInt32BE(8) : 0;
  return legalSize(size) && framesOf(log, size).beyond.length > 0;
}

function framesOf(log: Buffer, size: number): Frames {
  const frames: (Frame & { readonly commit: boolean })[] = [];
  let committed = 0;
  if (log.length < WAL_HEADER) return { committed: [], beyond: [] };
  const big = (log.readUInt32BE(0) & 1) === 1;
  const salts = log.subarray(16, 24);
  const next = checksum(log.subarray(0, 24), [0, 0], big);
  let seeds: readonly Sum[] = [next, stored(log, 24)];
  let sound = isSame(next, stored(log, 24));
  let damaged = false;
  for (let at = WAL_HEADER; at + FRAME_HEADER + size <= log.length; at += FRAME_HEADER + size) {
    const header = log.subarray(at, at + FRAME_HEADER);
    const bytes = log.subarray(at + FRAME_HEADER, at + FRAME_HEADER + size);
    if (!header.subarray(8, 16).equals(salts)) break;
    const sums = seeds.map((seed) => checksum(bytes, checksum(header.subarray(0, 8), seed, big), big));
    const follows = sums.some((sum) => isSame(sum, stored(header, 16)));
    if (!sound && follows) damaged = true;
    if (!sound && !follows && !damaged) break;
    sound &&= follows;
    seeds = follows ? [stored(header, 16)] : [...sums, stored(header, 16)];
    frames.push({ number: header.readUInt32BE(0), bytes, commit: header.readUInt32BE(4) > 0 });
    if (sound && frames.at(-1)?.commit === true) committed = frames.length;
  }
  return { committed: frames.slice(0, committed), beyond: damaged ? frames.slice(committed) : [] };
}

function stored(bytes: Buffer, at: number): Sum {
  return [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
}

function isSame(a: Sum, b: Sum): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

type Sum = readonly [number, number];

/** The write-ahead log's running sum over pairs of words. */
function checksum(bytes: Buffer, [a, b]: Sum, big: boolean): Sum {
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
    b = (b + (big ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}

/** The list of free pages, as far as it can be followed. */
function freePages(read: Page['read'], count: number): ReadonlySet<number> {
  const free = new Set<number>();
  let trunk = read(1)?.readUInt32BE(32) ?? 0;
  while (trunk > 1 && trunk <= count && !free.has(trunk)) {
    free.add(trunk);
    const page = read(trunk);
    if (page === undefined) break;
    const leaves = Math.min(page.readUInt32BE(4), page.length / 4 - 2);
    for (let i = 0; i < leaves; i++) {
      const leaf = page.readUInt32BE(8 + 4 * i);
      if (leaf > 1 && leaf <= count) free.add(leaf);
    }
    trunk = page.readUInt32BE(0);
  }
  return free;
}
