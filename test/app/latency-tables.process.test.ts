import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askTable, exportLatencyTable, listTables, openTable } from '../../src/app/latency/summary.js';
import { importLatencyTable, meantTable, validateLatencyTable } from '../../src/app/latency/tables.js';
import { runLatencyJob } from '../../src/app/latency/process.js';
import type { Places } from '../../src/app/environment.js';
import {
  buildTable,
  measureNetworks,
  readTable,
  sampledTexts,
  tablePath,
  undisturbed,
  writeTable,
  type LatencyTable,
} from '../../src/latency/index.js';
import {
  predictionErrorTable,
  latencyTableDetails,
  latencyTableList,
  lookUpTable,
  predictionPicture,
  type LatencyTableRow,
} from '../../src/report/index.js';
import { expectGolden } from '../golden.js';
import { additive, fakePlatform, smallSpace } from '../latency/table/world.js';

const root = mkdtempSync(join(tmpdir(), 'nas-app-latency-'));
const places: Places = {
  runs: join(root, 'runs'),
  data: join(root, 'data'),
  tensorflow: join(root, 'tensorflow'),
  latency: join(root, 'latency'),
};
const style = { width: 100, colour: false };
const space = smallSpace();
let table: LatencyTable;
let file: string;

beforeAll(async () => {
  const platform = fakePlatform((network) => additive(network) * (network.classes === 5 ? 1.2 : 1));
  const built = await buildTable({
    platform,
    name: 'fake',
    ...{ space, widths: false, networks: 10, before: null, others: [] },
    surroundings: undisturbed,
    save: () => undefined,
  });
  table = { ...built.table, createdAt: 0 };
  const fitted = new Set(table.networks.map(({ text }) => text));
  const texts = sampledTexts(space, 40, 'validation').filter((text) => !fitted.has(text));
  await measureNetworks(
    texts.slice(0, 25),
    'validation',
    table.networks,
    { platform, surroundings: undisturbed },
    (networks) => {
      table = { ...table, networks };
    },
  );
  file = tablePath(places.latency, platform.fingerprint, space.digest);
  writeTable(file, table);
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a table as people see it', () => {
  it('in figures', () => {
    const { summary, pairs } = openTable(file);
    expect(pairs).toHaveLength(25);
    expect(summary.entries).toBe(summary.planned);
    expect(summary.kinds.reduce((sum, { entries }) => sum + entries, 0)).toBe(summary.entries);
    expect(summary.validation?.sum.bias).toBeLessThan(-0.1);
    expect(summary.validation?.corrected.error).toBeLessThan(0.02);
    expect(summary.spread).toBeLessThan(0.05);
  });

  it('in words and as a picture', () => {
    const { summary, pairs } = openTable(file);
    const plain = { ...summary, file: 'latency/fake/table.json' };
    expectGolden('app/golden/latency-table.txt', latencyTableDetails(plain, style));
    expectGolden(
      'app/golden/latency-list.txt',
      latencyTableList([plain, { file: 'latency/fake/table-x.json', problem: 'is no latency table' }], style),
    );
    expectGolden(
      'app/golden/latency-validation.txt',
      `${predictionPicture(pairs, { ...style, width: 80, height: 22 })}\n\n${predictionErrorTable(summary, style)}`,
    );
    const { text = '' } = pairs[0] ?? {};
    expectGolden('app/golden/latency-arch.txt', lookUpTable(askTable(file, text), style));
  });

  it('has nothing to draw without measured networks', () => {
    expect(predictionPicture([], { ...style, height: 20 })).toBe('no network was measured: nothing to draw');
    expect(latencyTableList([], style)).toMatch(/nas latency build/);
  });

  it('draws points far off in another tone, and one point alone', () => {
    const one = predictionPicture([{ predictedMs: 1, measuredMs: 2 }], {
      width: 60,
      height: 14,
      colour: true,
    });
    expect(one).toMatch(/\u001b\[31m●/);
    const lines = predictionPicture([{ predictedMs: 1, measuredMs: 1 }], {
      width: 60,
      height: 14,
      colour: false,
    });
    expect(lines.split('\n').every((line) => line.length <= 60)).toBe(true);
    expect(lines).toContain('●');
  });
});

describe('which table is meant', () => {
  it('the only one, or the one that is named', () => {
    expect(meantTable(places, undefined)).toBe(file);
    expect(meantTable(places, file)).toBe(file);
    expect(() => meantTable(places, `${file}x`)).toThrow(/did you mean/);
    const other = join(places.latency, 'imported', 'table-other.json');
    writeTable(other, table);
    expect(() => meantTable(places, undefined)).toThrow(/2 tables.*nas latency show/);
    rmSync(other);
    expect(() => meantTable({ ...places, latency: join(root, 'empty') }, undefined)).toThrow(
      /nas latency build/,
    );
  });

  it('lists those that cannot be read with the reason', () => {
    const bad = join(places.latency, 'imported', 'table-bad.json');
    writeFileSync(bad, '{}');
    const rows = listTables(places);
    expect(rows).toHaveLength(2);
    expect(rows.find((row) => row.file === bad)).toMatchObject({
      problem: expect.stringMatching(/is no latency table/) as string,
    });
    rmSync(bad);
  });
});

describe('export and import', () => {
  it('give the same table back, in its place by device and space', () => {
    const text = exportLatencyTable(file, undefined);
    expect(text).toBe(readFileSync(file, 'utf8'));
    const out = join(root, 'out.json');
    expect(exportLatencyTable(file, out)).toBeNull();
    const elsewhere = { ...places, latency: join(root, 'elsewhere') };
    const imported = importLatencyTable(out, elsewhere, { force: false });
    expect(imported.file).toBe(file.replace(places.latency, elsewhere.latency));
    expect(readTable(imported.file)).toEqual(table);
    expect(() => importLatencyTable(out, elsewhere, { force: false })).toThrow(/there already.*--force/);
    expect(importLatencyTable(out, elsewhere, { force: true }).file).toBe(imported.file);
  });

  it('keeps a foreign table under imported, under any name', () => {
    const fixture = fileURLToPath(new URL('../latency/table/fixtures/proxylessnas.yaml', import.meta.url));
    mkdirSync(join(root, 'in'));
    const strange = join(root, 'in', '..pixel 1.yaml');
    copyFileSync(fixture, strange);
    const { file: place, passedOver } = importLatencyTable(strange, places, { force: false });
    expect(place).toBe(join(places.latency, 'imported', 'table-pixel-1.json'));
    expect(passedOver).toHaveLength(1);
    const summary: LatencyTableRow = openTable(place).summary;
    expect(summary).toMatchObject({
      source: 'proxylessnas',
      fingerprint: null,
      validation: null,
      spread: null,
    });
    expect(latencyTableDetails(summary, style)).toMatch(/device +unknown/);
    rmSync(place);
  });
});

describe('validation', () => {
  const options = { signal: new AbortController().signal, listen: () => undefined };
  const requested = { networks: 10, flavour: 'cpu', seed: '1' } as const;

  it('is of the space that the table is of', () => {
    expect(() => validateLatencyTable({ ...requested, file, space: 'mobilenetv3' }, places, options)).toThrow(
      /another search space than mobilenetv3.*--space/,
    );
  });

  it('is of the device that the table is of', async () => {
    const mine = join(root, 'mine.json');
    writeTable(mine, { ...table, platform: 'onnxruntime:threads=1' });
    const job = {
      kind: 'validate',
      platform: 'onnxruntime:threads=1',
      trusted: [],
      space: { name: 'mnasnet', yaml: null },
      task: { input: [16, 16, 3], classes: 5 },
      batch: 1,
      threads: 1,
      flavour: 'cpu',
      tensorflow: places.tensorflow,
      latency: places.latency,
      file: mine,
      widths: false,
      networks: 1,
      seed: '1',
    } as const;
    await expect(
      runLatencyJob({ ...job, task: { input: [16, 16, 3], classes: 5 } }, options),
    ).rejects.toMatchObject({
      code: 'NAS_TABLE_OTHER_DEVICE',
    });
    expect(readTable(mine).networks).toEqual(table.networks);
  });
});
