import { statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  decodeText,
  formatBytes,
  isNasError,
  messageOf,
  NasError,
  parseCsv,
  readPlainFileSync,
  type Reading,
} from '../../core/index.js';
import { benchmarkTable, type BenchmarkTable, type TableColumns } from '../../search/index.js';

const MOST_BYTES = 256 * 1024 * 1024;

/**
 * The benchmark table in a CSV file, which may be compressed by gzip.
 * @throws NasError `NAS_BENCHMARK_FILE`, `NAS_NOT_A_FILE`, `NAS_BENCHMARK_COLUMN`, `NAS_BENCHMARK_ROW`
 */
export function readBenchmarkTable(file: string, columns: TableColumns): BenchmarkTable {
  const text = decodeText(bytesOf(file));
  const rows = 'value' in text ? parseCsv(text.value) : text;
  if ('fault' in rows) throw badFile(`${file}: ${rows.fault}`, rows.cause);
  return benchmarkTable(rows.value, columns);
}

function bytesOf(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > MOST_BYTES) throw badFile(`${file} has ${size} bytes, more than ${formatBytes(MOST_BYTES)}`);
    const bytes = readPlainFileSync(file);
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    const unpacked = unpack(bytes);
    if ('value' in unpacked) return unpacked.value;
    throw badFile(`${file}: ${unpacked.fault}`, unpacked.cause);
  } catch (cause) {
    if (isNasError(cause)) throw cause;
    throw badFile(messageOf(cause), cause);
  }
}

function unpack(bytes: Uint8Array): Reading<Uint8Array> {
  try {
    return { value: gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const fault = code === 'ERR_BUFFER_TOO_LARGE' ? `more than ${formatBytes(MOST_BYTES)}` : messageOf(cause);
    return { fault: `unpacked by gzip: ${fault}`, cause };
  }
}

function badFile(found: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_BENCHMARK_FILE',
    found,
    expected: 'a CSV with a header, in UTF-8, which may be compressed by gzip',
    fix: 'give its path in --evaluator table:FILE',
    cause,
  });
}
