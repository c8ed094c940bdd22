import { NasError } from '../../core/index.js';
import type { Platform } from '../platform/platform.js';
import { readTable } from './file.js';
import { tableModel } from './model.js';
import { tableFingerprint } from './table.js';

export interface TablePlatformOptions {
  /** Path of the table. */
  readonly file: string;
  /** Pictures per run; the table's. */
  readonly batch: number;
}

/**
 * The platform `table:FILE`: nothing is timed, records come from a look-up table with source `table`. They carry the
 * fingerprint of the device that the table was made on.
 * @throws NasError `NAS_NO_TABLE`, `NAS_BAD_TABLE`, `NAS_TABLE_BATCH`
 */
export function tablePlatform({ file, batch }: TablePlatformOptions): Platform {
  const table = readTable(file);
  if (table.batch !== batch)
    throw new NasError({
      code: 'NAS_TABLE_BATCH',
      found: `${file} holds latencies of ${table.batch} pictures per run, asked for ${batch}`,
      fix: `--latency-batch ${table.batch}, or build a table with --latency-batch ${batch}`,
    });
  const model = tableModel(table);
  return Object.freeze<Platform>({
    name: `table:${file}`,
    fingerprint: tableFingerprint(table),
    time: (networks, _protocol, { stop }) =>
      Promise.resolve(stop() ? null : networks.map(({ network }) => model.record(network))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}
