import { join } from 'node:path';
import { fingerprintDigest, fingerprintSchema, type Fingerprint } from '../../src/latency/index.js';
import { openStudy, readStudy } from '../../src/trials/index.js';
import { loadSqlite } from '../../src/trials/sqlite/load.js';

/**
 * Makes a closed study one that was timed on another device: every digest and every description of the one that it was
 * timed on is replaced.
 * @returns the other device's digest
 */
export function timedElsewhere(folder: string, differing: Partial<Fingerprint>): string {
  const here = (() => {
    using reader = readStudy(folder);
    return reader.best(Infinity)?.fingerprint ?? '';
  })();
  const other = (() => {
    using store = openStudy(folder);
    const found = fingerprintSchema.parse(store.noted(`device/${here}`));
    const fingerprint = { ...found, ...differing };
    store.note(`device/${fingerprintDigest(fingerprint)}`, { ...fingerprint });
    return fingerprintDigest(fingerprint);
  })();
  const database = loadSqlite()(join(folder, 'trials.sqlite'));
  for (const [table, column] of [
    ['trial', 'fingerprint'],
    ['trial', 'also'],
    ['detail', 'latency'],
    ['note', 'value'],
  ] as const)
    database.prepare(`UPDATE ${table} SET ${column} = replace(${column}, ?, ?)`).run(here, other);
  database.prepare('DELETE FROM note WHERE key = ?').run(`device/${here}`);
  database.close();
  return other;
}
