import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NasError, messageOf, parseUserJson, readUserText, writeWhole } from '../../core/index.js';
import { deviceFolder } from '../protocol/baseline.js';
import type { Fingerprint } from '../platform/fingerprint.js';
import { badTable, checkTable, type LatencyTable } from './table.js';

const MOST_BYTES = 64 * 1024 * 1024;

/** `<platform>-<device>/table-<space>.json` below the folder of latencies; digests shortened. */
export function tablePath(folder: string, fingerprint: Fingerprint, spaceDigest: string): string {
  return join(deviceFolder(folder, fingerprint), `table-${spaceDigest.slice(0, 12)}.json`);
}

/**
 * Reads and checks a table.
 * @throws NasError `NAS_NO_TABLE` when there is none, `NAS_BAD_TABLE` for anything else
 */
export function readTable(path: string): LatencyTable {
  return checkTable(readJson(path), path);
}

/** Text of a file of a bounded size. @throws NasError `NAS_NO_TABLE`, `NAS_BAD_TABLE` */
export function readText(path: string): string {
  const read = readUserText(path, MOST_BYTES);
  if ('value' in read) return read.value;
  if (read.unreadable !== true) throw badTable(path, read.fault);
  throw new NasError({
    code: 'NAS_NO_TABLE',
    found: `no readable table ${path}`,
    expected: 'a file that nas latency build or export wrote',
    fix: 'nas latency show lists the tables that are there',
    cause: read.cause,
  });
}

function readJson(path: string): unknown {
  const read = parseUserJson(readText(path));
  if ('value' in read) return read.value;
  throw badTable(path, read.fault);
}

/** Writes it next to its place and moves it there: however the process ends, one whole table lies there. @throws NasError `NAS_NOT_WRITABLE` */
export function writeTable(path: string, table: LatencyTable): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeWhole(path, tableText(table));
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NOT_WRITABLE',
      found: `cannot write ${path}: ${messageOf(cause)}`,
      fix: 'give yourself the right to write there, or choose another place with --out or NAS_LATENCY',
      cause,
    });
  }
}

/** A line per entry, so that a difference of two files reads well. */
export function tableText({ entries, networks, ...head }: LatencyTable): string {
  const lines = Object.entries(entries).map(
    ([key, entry]) => `    ${JSON.stringify(key)}: ${JSON.stringify(entry)}`,
  );
  const measured = networks.map((network) => `    ${JSON.stringify(network)}`);
  const start = JSON.stringify(head, null, 2).slice(0, -2);
  const block = (items: readonly string[]) => (items.length === 0 ? '' : `\n${items.join(',\n')}\n  `);
  return `${start},\n  "entries": {${block(lines)}},\n  "networks": [${block(measured)}]\n}\n`;
}

/** Paths of all tables below a folder of latencies, sorted. */
export function tableFiles(folder: string): readonly string[] {
  const below = (path: string): string[] => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  };
  return below(folder)
    .flatMap((device) =>
      below(join(folder, device))
        .filter((name) => /^table-.*\.json$/.test(name))
        .map((name) => join(folder, device, name)),
    )
    .sort();
}
