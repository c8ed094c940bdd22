import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  checkTable,
  fingerprintDigest,
  readTable,
  tableFiles,
  tablePath,
  tablePlatform,
  undisturbed,
  defaultProtocol,
  writeTable,
  type LatencyTable,
} from '../../../src/latency/index.js';
import { runnableOf } from '../../../src/latency/table/network.js';
import { isNasError } from '../../../src/core/index.js';
import { DEVICE } from './world.js';

const folder = mkdtempSync(join(tmpdir(), 'nas-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

const table: LatencyTable = {
  format: 'platform-nas-latency-table',
  version: 1,
  platform: 'onnxruntime:threads=1',
  fingerprint: DEVICE,
  batch: 1,
  space: { name: 'small', digest: 'ab'.repeat(32), input: [16, 16, 3], classes: 5 },
  source: 'platform-nas',
  grain: 'parts',
  createdAt: 1,
  planned: 3,
  empty: { ms: 0.01, sessions: 2 },
  entries: {
    '16x16x3 conv3s2:8:re': { ms: 0.5, lowMs: 0.4, highMs: 0.6, runs: 60 },
    '8x8x8 gap': { ms: 0.1, lowMs: 0.1, highMs: 0.1, runs: 60 },
  },
  networks: [
    {
      text: 'nas1:16x16x3 cn_k3_s2_c8_re gap fc_c5_id',
      use: 'validation',
      medianMs: 1,
      lowMs: 1,
      highMs: 1,
      runs: 9,
    },
  ],
};

interface Copy {
  entries: object;
  networks: object[];
}

/** What a table with one thing changed is refused with. */
function refused(change: (copy: Copy) => void): string {
  const copy = JSON.parse(JSON.stringify(table)) as Copy;
  change(copy);
  try {
    checkTable(copy, 'file');
  } catch (error) {
    if (isNasError(error)) return error.message;
    throw error;
  }
  return 'taken';
}

describe('a table in a file', () => {
  it('is the same when it is read again, one line per entry', () => {
    const path = join(folder, 'deep', 'er', 'table-a.json');
    writeTable(path, table);
    expect(readTable(path)).toEqual(table);
    const lines = readFileSync(path, 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('conv3s2'))).toHaveLength(1);
    expect(readdirSync(join(folder, 'deep', 'er'))).toEqual(['table-a.json']);
  });

  it('lies by device and space', () => {
    const path = tablePath(folder, DEVICE, 'abcdef0123456789');
    expect(path).toBe(join(folder, `fake-${fingerprintDigest(DEVICE)}`, 'table-abcdef012345.json'));
    writeTable(path, table);
    writeFileSync(join(folder, `fake-${fingerprintDigest(DEVICE)}`, 'device.json'), '{}');
    expect(tableFiles(folder)).toContain(path);
    expect(tableFiles(folder).every((file) => /table-[^/]*\.json$/.test(file))).toBe(true);
    expect(tableFiles(join(folder, 'nowhere'))).toEqual([]);
  });

  it('is refused when it is missing, cut off or something else', () => {
    expect(() => readTable(join(folder, 'nix.json'))).toThrow(/no readable table.*fix:/);
    const path = join(folder, 'table-cut.json');
    writeTable(path, table);
    truncateSync(path, 300);
    expect(() => readTable(path)).toThrow(/is no latency table/);
    mkdirSync(join(folder, 'table-dir.json'));
    expect(() => readTable(join(folder, 'table-dir.json'))).toThrow(/no readable table/);
  });

  it('leaves nothing behind where it cannot be written', () => {
    writeFileSync(join(folder, 'plain'), '');
    expect(() => writeTable(join(folder, 'plain', 'table.json'), table)).toThrow(/cannot write.*fix:/);
    expect(existsSync(join(folder, 'plain', `table.json.${process.pid}.new`))).toBe(false);
  });

  it.each<[string, (copy: Copy) => void, RegExp]>([
    ['another format', (copy) => Object.assign(copy, { format: 'x' }), /format/],
    ['a later version', (copy) => Object.assign(copy, { version: 3 }), /version/],
    [
      'an entry that is no segment',
      (copy) => Object.assign(copy.entries, { 'rm -rf': { ms: 1, lowMs: 1, highMs: 1, runs: 1 } }),
      /"rm -rf" is no segment/,
    ],
    [
      'a negative latency',
      (copy) => Object.assign(copy.entries, { '8x8x8 gap': { ms: -1, lowMs: 1, highMs: 1, runs: 1 } }),
      /ms/,
    ],
    [
      'a latency that is none',
      (copy) => Object.assign(copy.entries, { '8x8x8 gap': { ms: '1', lowMs: 1, highMs: 1, runs: 1 } }),
      /ms/,
    ],
    ['unknown fields', (copy) => Object.assign(copy, { more: 1 }), /more/],
    ['a half fingerprint', (copy) => Object.assign(copy, { fingerprint: { platform: 'x' } }), /fingerprint/],
    [
      'a measured network of no time',
      (copy) => Object.assign(copy.networks[0] ?? {}, { medianMs: 0 }),
      /medianMs/,
    ],
  ])('is refused with %s, which is named', (_, change, named) => {
    expect(refused(change)).toMatch(named);
    expect(refused(change)).toMatch(/expected/);
  });

  it('of any JSON is refused in words, never by a crash', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => checkTable(value, 'file')).toThrow(/file is no latency table/);
      }),
    );
  });
});

describe('platform table:FILE', () => {
  const file = join(folder, 'table-platform.json');
  writeTable(file, table);

  it('answers from the table, with the fingerprint of its device', async () => {
    await using platform = tablePlatform({ file, batch: 1 });
    expect(platform.name).toBe(`table:${file}`);
    expect(platform.fingerprint).toEqual(DEVICE);
    const [record] =
      (await platform.time([runnableOf('16x16x3 conv3s2:8:re')], defaultProtocol, undisturbed)) ?? [];
    expect(record).toMatchObject({ source: 'table', fingerprint: fingerprintDigest(DEVICE), runs: 0 });
    expect(record?.medianMs).toBeCloseTo(0.51);
  });

  it('stops when asked', async () => {
    await using platform = tablePlatform({ file, batch: 1 });
    const stopped = { ...undisturbed, stop: () => true };
    expect(await platform.time([runnableOf('8x8x8 gap')], defaultProtocol, stopped)).toBeNull();
  });

  it('does not answer for another batch', () => {
    expect(() => tablePlatform({ file, batch: 8 })).toThrow(
      /1 pictures per run, asked for 8.*--latency-batch 1/,
    );
  });
});
